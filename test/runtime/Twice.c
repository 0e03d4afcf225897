/* SPDX-License-Identifier: Apache-2.0
 * A generated header, included alone and first, and once more. */
#include HEADER
#include HEADER
int nothing;
