// SPDX-License-Identifier: Apache-2.0
// Core ops that draw random numbers: pure functions of a key and a counter.
#ifndef LATHE_IR_CORE_RANDOM_OPS_TD
#define LATHE_IR_CORE_RANDOM_OPS_TD

include "ir/core/Dialect.td"

class Core_RandomOp<string mnemonic> : Core_Op<mnemonic, [DeclareOpInterfaceMethods<Core_CostOpInterface>]> {
  let hasVerifier = 1;
}

def Core_RngBitsOp : Core_RandomOp<"rng_bits"> {
  let summary = "bits of the counter-based generator Philox4x32-10";
  let description = [{
    Block b is the four 32-bit words that ten rounds make of `counter + b`, a number of 128 bits, low half first. Element e of the
    result, in row-major order, is word e mod 4 of block e / 4; one of 64 bits is words 2 (e mod 2), its low half, and the next
    of block e / 2. C1: the key is a scalar, the counter two elements.

    ```mlir
    %bits = core.rng_bits %key, %counter : (tensor<ui64>, tensor<2xui64>) -> tensor<2x3xui32>
    ```
  }];
  let arguments = (ins Core_TensorOf<[UI64]>:$key, Core_TensorOf<[UI64]>:$counter);
  let results = (outs Core_TensorOf<[UI32, UI64]>:$result);
  let assemblyFormat = "$key `,` $counter attr-dict `:` functional-type(operands, results)";
}

def Core_RngSampleOp : Core_RandomOp<"rng_sample"> {
  let summary = "numbers of a distribution, drawn with the generator of `core.rng_bits`";
  let description = [{
    In TensorFlow's way, number by number. `normal` makes pairs by Box and Muller from the words of `core.rng_bits` in order.
    `truncated_normal`, within two standard deviations, keeps of such pairs what fits: element group g of four (f64: two) starts 256
    blocks (f64: 128) further for each g. `gamma` (by shape, of scale 1) and `poisson` (by rate) draw by rejection, element e from
    block 256 e on, where e counts the samples of the first parameter, then those of the second, and so on. The mathematical
    functions are those of the C library. C1: key and counter as in `core.rng_bits`. C2: normals have no parameters, the others
    one. C3: the result's last dimensions are the parameter's. C4: what has a parameter is of f64.

    ```mlir
    %x = core.rng_sample gamma %key, %counter, %alpha : (tensor<ui64>, tensor<2xui64>, tensor<3xf64>) -> tensor<2x3xf64>
    ```
  }];
  let arguments = (ins Core_DistributionAttr:$distribution, Core_TensorOf<[UI64]>:$key, Core_TensorOf<[UI64]>:$counter,
                   Variadic<Core_TensorOf<[F64]>>:$parameters);
  let results = (outs Core_TensorOf<[F32, F64]>:$result);
  let assemblyFormat = "$distribution operands attr-dict `:` functional-type(operands, results)";
  let extraClassDeclaration = [{
    /// How many of its independent parts the result consists of: groups of neighbouring normals, or single elements.
    int64_t getUnits();
  }];
}

#endif
