/* SPDX-License-Identifier: Apache-2.0
 * The sort of Sort.c for one type: included with TYPE, its ordered form KEY of type KEY_TYPE, IS_NAN
 * of that form, and SUFFIXED(name) defined.
 *
 * Values and places are sorted together in the output buffers. The place decides between equal values, so that no two
 * elements are equal and a sort that is not stable gives the stable order. */

typedef struct {
  TYPE *values;
  int32_t *places32;
  int64_t *places64;
  int64_t stride;
  bool descending;
} SUFFIXED(lines_t);

typedef struct {
  TYPE value;
  int64_t place;
} SUFFIXED(element_t);

static SUFFIXED(element_t) SUFFIXED(get)(const SUFFIXED(lines_t) * to, int64_t i) {
  i *= to->stride;
  return (SUFFIXED(element_t)){to->values[i], to->places32 ? to->places32[i] : to->places64[i]};
}

static void SUFFIXED(put)(const SUFFIXED(lines_t) * to, int64_t i, SUFFIXED(element_t) element) {
  i *= to->stride;
  to->values[i] = element.value;
  if (to->places32)
    to->places32[i] = (int32_t)element.place;
  else
    to->places64[i] = element.place;
}

static bool SUFFIXED(before)(const SUFFIXED(lines_t) * to, SUFFIXED(element_t) x, SUFFIXED(element_t) y) {
  KEY_TYPE a = KEY(x.value), b = KEY(y.value);
  /* NaN is larger than every number. */
  bool less = a < b || (!IS_NAN(a) && IS_NAN(b)), greater = b < a || (!IS_NAN(b) && IS_NAN(a));
  return less || greater ? (to->descending ? greater : less) : x.place < y.place;
}

static void SUFFIXED(insertionSort)(const SUFFIXED(lines_t) * to, int64_t begin, int64_t end) {
  for (int64_t i = begin + 1; i < end; ++i) {
    SUFFIXED(element_t) element = SUFFIXED(get)(to, i), previous;
    int64_t j = i;
    for (; j > begin && SUFFIXED(before)(to, element, previous = SUFFIXED(get)(to, j - 1)); --j)
      SUFFIXED(put)(to, j, previous);
    SUFFIXED(put)(to, j, element);
  }
}

/* Lets `element` sink from the heap's place `hole`, below which the heap of `size` elements from `begin` on is in
 * order. */
static void SUFFIXED(sink)(const SUFFIXED(lines_t) * to, int64_t begin, int64_t size, int64_t hole,
                           SUFFIXED(element_t) element) {
  for (int64_t child; (child = 2 * hole + 1) < size; hole = child) {
    SUFFIXED(element_t) last = SUFFIXED(get)(to, begin + child);
    if (child + 1 < size) {
      SUFFIXED(element_t) other = SUFFIXED(get)(to, begin + child + 1);
      if (SUFFIXED(before)(to, last, other)) {
        last = other;
        ++child;
      }
    }
    if (!SUFFIXED(before)(to, element, last))
      break;
    SUFFIXED(put)(to, begin + hole, last);
  }
  SUFFIXED(put)(to, begin + hole, element);
}

static void SUFFIXED(makeHeap)(const SUFFIXED(lines_t) * to, int64_t begin, int64_t size) {
  for (int64_t i = size / 2; i-- > 0;)
    SUFFIXED(sink)(to, begin, size, i, SUFFIXED(get)(to, begin + i));
}

static void SUFFIXED(sortHeap)(const SUFFIXED(lines_t) * to, int64_t begin, int64_t size) {
  while (--size > 0) {
    SUFFIXED(element_t) element = SUFFIXED(get)(to, begin + size);
    SUFFIXED(put)(to, begin + size, SUFFIXED(get)(to, begin));
    SUFFIXED(sink)(to, begin, size, 0, element);
  }
}

/* Of n elements, the first `count` of which are there, the ones that come first: a heap of them lets go of its last for
 * each that comes before it. */
static void SUFFIXED(keepFirst)(const SUFFIXED(lines_t) * to, const TYPE *input, int64_t count, int64_t n) {
  if (count == 0)
    return;
  SUFFIXED(makeHeap)(to, 0, count);
  SUFFIXED(element_t) last = SUFFIXED(get)(to, 0);
  for (int64_t i = count; i < n; ++i) {
    SUFFIXED(element_t) element = {input[i * to->stride], i};
    if (!SUFFIXED(before)(to, element, last))
      continue;
    SUFFIXED(sink)(to, 0, count, 0, element);
    last = SUFFIXED(get)(to, 0);
  }
  SUFFIXED(sortHeap)(to, 0, count);
}

/* Quicksort, which falls back to the heap after `depth` bad splits. */
static void SUFFIXED(sortRange)(const SUFFIXED(lines_t) * to, int64_t begin, int64_t end, int depth) {
  while (end - begin > 16) {
    if (depth-- == 0) {
      SUFFIXED(makeHeap)(to, begin, end - begin);
      SUFFIXED(sortHeap)(to, begin, end - begin);
      return;
    }
    SUFFIXED(element_t)
    x = SUFFIXED(get)(to, begin), y = SUFFIXED(get)(to, begin + (end - begin) / 2), z = SUFFIXED(get)(to, end - 1);
    bool xy = SUFFIXED(before)(to, x, y), yz = SUFFIXED(before)(to, y, z), xz = SUFFIXED(before)(to, x, z);
    SUFFIXED(element_t) pivot = xy == yz ? y : xy == xz ? z : x, low, high;
    int64_t i = begin, j = end - 1;
    while (true) {
      while (SUFFIXED(before)(to, low = SUFFIXED(get)(to, i), pivot))
        ++i;
      while (SUFFIXED(before)(to, pivot, high = SUFFIXED(get)(to, j)))
        --j;
      if (i >= j)
        break;
      SUFFIXED(put)(to, i++, high);
      SUFFIXED(put)(to, j--, low);
    }
    /* [begin, j] holds what is not after the pivot, the rest what is not before it; the shorter part recurses. */
    if (j + 1 - begin < end - j - 1) {
      SUFFIXED(sortRange)(to, begin, j + 1, depth);
      begin = j + 1;
    } else {
      SUFFIXED(sortRange)(to, j + 1, end, depth);
      end = j + 1;
    }
  }
  SUFFIXED(insertionSort)(to, begin, end);
}

void SUFFIXED(lathe_sort)(const TYPE *input, TYPE *values, int32_t *places32, int64_t *places64, int64_t n,
                          int64_t count, int64_t stride, int32_t descending) {
  SUFFIXED(lines_t) to = {values, places32, places64, stride, descending != 0};
  for (int64_t i = 0; i < count; ++i)
    SUFFIXED(put)(&to, i, (SUFFIXED(element_t)){input[i * stride], i});
  if (count < n) {
    SUFFIXED(keepFirst)(&to, input, count, n);
    return;
  }
  int depth = 0;
  for (int64_t rest = n; rest > 1; rest /= 2)
    depth += 2;
  SUFFIXED(sortRange)(&to, 0, n, depth);
}

#undef TYPE
#undef IS_NAN
#undef KEY
#undef KEY_TYPE
#undef SUFFIXED
