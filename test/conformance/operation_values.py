# SPDX-License-Identifier: Apache-2.0
"""Cases of operations that compute: transforms, matrices, special functions, images, gradients, counts. See operation_cases.py."""
import numpy as np
import tensorflow as tf

raw, v1 = tf.raw_ops, tf.compat.v1


class OfLargest(int):
    """So many units in the last place of the tensor's largest element: for what is made of many elements together."""


# Where the C library is the one that TensorFlow uses, no random number differs; others may round single functions otherwise.
EXACT, ROUNDED, SUMMED = 0, 4, OfLargest(8)


def distinct(*shape, dtype=np.float32):
    """Different numbers of both signs, in no order."""
    size = int(np.prod(shape))
    return ((np.arange(size) * 7 % size - size / 2 + 0.25) / 3).astype(dtype).reshape(shape)


def noise(*shape, dtype=np.float32, seed=1):
    random = np.random.default_rng(seed)
    values = random.normal(size=shape)
    return (values + 1j * random.normal(size=shape) if np.issubdtype(dtype, np.complexfloating) else values).astype(dtype)


def transform_cases():
    for real, whole in ((np.float32, np.complex64), (np.float64, np.complex128)):
        for n in (1, 2, 3, 8, 12, 30, 61, 67, 97, 240, 256, 1000, 134):
            x, y = noise(3, n, dtype=whole), noise(2, n, dtype=real)
            half = noise(2, n // 2 + 1, dtype=whole)
            yield f"fft/{n}_{real.__name__}", OfLargest(16), lambda x=x: [raw.FFT(input=x), raw.IFFT(input=x)]
            yield f"rfft/{n}_{real.__name__}", OfLargest(16), lambda y=y, half=half, n=n, real=real, whole=whole: [
                raw.RFFT(input=y, fft_length=[n], Tcomplex=whole), raw.IRFFT(input=half, fft_length=[n], Treal=real)]
        x, y = noise(2, 6, 10, 4, dtype=whole), noise(2, 6, 5, 9, dtype=real)
        yield f"fft/several_{real.__name__}", SUMMED, lambda x=x: [op(input=x) for op in (raw.FFT2D, raw.IFFT2D, raw.FFT3D, raw.IFFT3D)]
        for size in ([5, 6], [4, 5]):
            at = "x".join(map(str, size))
            yield f"rfft/2d_{at}_{real.__name__}", SUMMED, lambda x=x, y=y, size=size, real=real, whole=whole: [
                raw.RFFT2D(input=y, fft_length=size, Tcomplex=whole), raw.IRFFT2D(input=x, fft_length=size, Treal=real),
                raw.RFFT3D(input=y, fft_length=[5] + size, Tcomplex=whole), raw.IRFFT3D(input=x, fft_length=[5] + size, Treal=real)]
    yield "fft/stft", SUMMED, lambda: tf.signal.stft(tf.constant(noise(2, 4000)), 400, 160)
    yield "fft/inverse_stft", SUMMED, lambda: tf.signal.inverse_stft(tf.constant(noise(2, 9, 257, dtype=np.complex64)), 400, 160)
    yield "fft/mfcc", OfLargest(64), lambda: tf.signal.mfccs_from_log_mel_spectrograms(tf.constant(noise(2, 9, 40)))


def matrix_cases():
    for dtype in (np.float32, np.float64):
        at = dtype.__name__
        for m, n in ((5, 3), (3, 5), (4, 4), (1, 1)):
            for full in (False, True):
                a = noise(2, m, n, dtype=dtype)
                yield f"qr/{m}x{n}_{full}_{at}", OfLargest(16), lambda a=a, full=full: list(raw.Qr(input=a, full_matrices=full))
        bands, rhs = noise(2, 3, 5, dtype=dtype) + dtype(4), noise(2, 5, 2, dtype=dtype)
        for lower in (False, True):
            for adjoint in (False, True):
                yield f"banded_triangular_solve/{lower}_{adjoint}_{at}", OfLargest(32), lambda lower=lower, adjoint=adjoint, bands=bands, rhs=rhs: raw.BandedTriangularSolve(
                    matrix=bands, rhs=rhs, lower=lower, adjoint=adjoint)
        diagonals = noise(2, 3, 5, dtype=dtype)
        yield f"tridiagonal_solve/{at}", OfLargest(64), lambda d=diagonals, rhs=rhs: raw.TridiagonalSolve(diagonals=d, rhs=rhs)
        yield f"tridiagonal_mat_mul/{at}", SUMMED, lambda d=diagonals, rhs=rhs: raw.TridiagonalMatMul(
            superdiag=d[:, 0:1], maindiag=d[:, 1:2], subdiag=d[:, 2:3], rhs=rhs)
        square = noise(3, 4, 4, dtype=dtype)
        positive = square @ np.swapaxes(square, 1, 2) + np.eye(4, dtype=dtype)
        factor = np.linalg.cholesky(positive).astype(dtype)
        yield f"cholesky_grad/{at}", OfLargest(64), lambda l=factor, g=square: raw.CholeskyGrad(l=l, grad=g)
        yield f"expm/{at}", OfLargest(64), lambda a=square: tf.linalg.expm(tf.constant(a))


def special_cases():
    small, wide = np.linspace(-4, 4, 83), np.concatenate([-np.geomspace(0.01, 60, 40), np.geomspace(0.01, 60, 40)])
    positive = np.geomspace(0.01, 80, 77)
    for dtype in (np.float32, np.float64):
        at = dtype.__name__
        bound = OfLargest(32) if dtype == np.float32 else OfLargest(64)
        for op in (raw.BesselI0, raw.BesselI1, raw.BesselI0e, raw.BesselI1e, raw.BesselJ0, raw.BesselJ1, raw.Dawsn, raw.FresnelCos, raw.FresnelSin):
            yield f"special/{op.__name__}_{at}", bound, lambda op=op, dtype=dtype: [op(x=small.astype(dtype)), op(x=wide.astype(dtype))]
        for op in (raw.BesselK0, raw.BesselK1, raw.BesselK0e, raw.BesselK1e, raw.BesselY0, raw.BesselY1, raw.Expint, raw.Spence):
            yield f"special/{op.__name__}_{at}", bound, lambda op=op, dtype=dtype: [op(x=positive.astype(dtype)), op(x=positive[40:].astype(dtype))]
        whole = np.complex64 if dtype == np.float32 else np.complex128
        z, w = noise(40, dtype=whole), noise(40, dtype=whole, seed=2)
        yield f"complex_functions/{at}", SUMMED, lambda z=z, w=w: [raw.Exp(x=z), raw.Log(x=z), raw.Sqrt(x=z), raw.Sin(x=z), raw.Cos(x=z), raw.Pow(x=z, y=w)]
        a, x = np.meshgrid(np.geomspace(0.05, 40, 9).astype(dtype), np.geomspace(0.05, 60, 9).astype(dtype))
        yield f"special/igamma_grad_a_{at}", OfLargest(64), lambda a=a, x=x: raw.IgammaGradA(a=a, x=x)
        yield f"special/random_gamma_grad_{at}", OfLargest(256), lambda a=a, x=x: raw.RandomGammaGrad(alpha=a, sample=a * np.linspace(0.5, 2, 9, dtype=a.dtype)[:, None])
        ends = np.array([0, -0.0, 1, -1, 2.5, -2.5, np.inf, -np.inf, np.nan], dtype)
        yield f"special/next_after_{at}", EXACT, lambda e=ends: raw.NextAfter(x1=e[:, None], x2=e[None])


def pool_cases():
    image, volume = noise(2, 7, 9, 3), noise(2, 5, 6, 4, 3)
    for padding in ("SAME", "VALID"):
        for size, step in (([1, 2, 3, 1], [1, 2, 2, 1]), ([1, 3, 3, 1], [1, 1, 2, 1]), ([1, 2, 2, 1], [1, 3, 3, 1])):
            at = f"{padding}_{size[1]}{size[2]}{step[1]}{step[2]}"
            how = dict(ksize=size, strides=step, padding=padding)
            pooled = tf.nn.max_pool2d(image, size, step, padding).numpy()
            g = noise(*pooled.shape, seed=2)
            yield f"pool_grad/max_{at}", SUMMED, lambda how=how, y=pooled, g=g: [
                raw.MaxPoolGrad(orig_input=image, orig_output=y, grad=g, **how), raw.MaxPoolGradGrad(orig_input=image, orig_output=y, grad=image[::-1].copy(), **how)]
            two = dict(ksize=size, strides=step, padding=padding)
            yield f"pool_grad/max_v2_{at}", SUMMED, lambda how=two, y=pooled, g=g: [
                raw.MaxPoolGradV2(orig_input=image, orig_output=y, grad=g, **how), raw.MaxPoolGradGradV2(orig_input=image, orig_output=y, grad=image[::-1].copy(), **how)]
            yield f"pool_grad/average_{at}", SUMMED, lambda how=how, g=g: raw.AvgPoolGrad(orig_input_shape=image.shape, grad=g, **how)
            for batched in (False, True):
                at_each = raw.MaxPoolWithArgmax(input=image, include_batch_in_index=batched, **how).argmax.numpy()
                yield f"pool_grad/argmax_{batched}_{at}", SUMMED, lambda how=how, g=g, i=at_each, batched=batched: raw.MaxPoolGradWithArgmax(
                    input=image, grad=g, argmax=i, include_batch_in_index=batched, **how)
        how = dict(ksize=[1, 2, 3, 2, 1], strides=[1, 2, 2, 1, 1], padding=padding)
        pooled = raw.MaxPool3D(input=volume, **how).numpy()
        g = noise(*pooled.shape, seed=2)
        yield f"pool_grad/volume_{padding}", SUMMED, lambda how=how, y=pooled, g=g: [
            raw.MaxPool3DGrad(orig_input=volume, orig_output=y, grad=g, **how), raw.AvgPool3DGrad(orig_input_shape=volume.shape, grad=g, **how),
            raw.MaxPool3DGradGrad(orig_input=volume, orig_output=y, grad=volume[::-1].copy(), **how)]
        how = dict(strides=[1, 2, 1, 1], rates=[1, 1, 2, 1], padding=padding)
        kernel = noise(2, 3, 3, seed=3)
        g = noise(*raw.Dilation2D(input=image, filter=kernel, **how).shape, seed=4)
        yield f"dilation/{padding}", SUMMED, lambda how=how, kernel=kernel, g=g: [
            raw.Dilation2D(input=image, filter=kernel, **how), raw.Dilation2DBackpropInput(input=image, filter=kernel, out_backprop=g, **how),
            raw.Dilation2DBackpropFilter(input=image, filter=kernel, out_backprop=g, **how)]
        yield f"volume_patches/{padding}", EXACT, lambda padding=padding: raw.ExtractVolumePatches(
            input=volume, ksizes=[1, 2, 3, 2, 1], strides=[1, 2, 2, 1, 1], padding=padding)


def normalization_cases():
    x, g, scale, mean, variance = noise(2, 4, 5, 3), noise(2, 4, 5, 3, seed=2), noise(3), noise(3, seed=4), np.abs(noise(3, seed=5)) + np.float32(0.1)
    for training in (False, True):
        for op in (raw.FusedBatchNormGrad, raw.FusedBatchNormGradV2):
            yield f"batch_norm_grad/{op.__name__}_{training}", OfLargest(16), lambda op=op, training=training: list(op(
                y_backprop=g, x=x, scale=scale, reserve_space_1=mean, reserve_space_2=variance, is_training=training))[:3]
        yield f"batch_norm_grad/v3_{training}", OfLargest(16), lambda training=training: list(raw.FusedBatchNormGradV3(
            y_backprop=g, x=x, scale=scale, reserve_space_1=mean, reserve_space_2=variance, reserve_space_3=variance, is_training=training))[:3]
    for padding in (1, 2):
        yield f"lrn_grad/{padding}", OfLargest(16), lambda padding=padding: raw.LRNGrad(
            input_grads=g, input_image=x, output_image=raw.LRN(input=x, depth_radius=padding, bias=1.5, alpha=0.7, beta=0.6), depth_radius=padding, bias=1.5, alpha=0.7, beta=0.6)


def image_cases():
    image, g = noise(2, 5, 7, 3), noise(2, 8, 6, 3, seed=2)
    for corners, half in ((False, False), (True, False), (False, True)):
        how = dict(align_corners=corners, half_pixel_centers=half)
        yield f"resize_grad/{corners}_{half}", OfLargest(16), lambda how=how: [
            raw.ResizeBilinearGrad(grads=g, original_image=image, **how), raw.ResizeBicubicGrad(grads=g, original_image=image, **how),
            raw.ResizeNearestNeighborGrad(grads=g, size=[5, 7], **how)]


    for kernel in ("lanczos1", "lanczos3", "lanczos5", "gaussian", "box", "triangle", "keyscubic", "mitchellcubic"):
        for antialias in (False, True):
            how = dict(scale=[0.7, 1.6], translation=[0.4, -1.3], kernel_type=kernel, antialias=antialias)
            yield f"scale_and_translate/{kernel}_{antialias}", OfLargest(16), lambda how=how: [
                raw.ScaleAndTranslate(images=image, size=[4, 11], **how), raw.ScaleAndTranslateGrad(grads=g, original_image=image, **how)]
    maps = np.array([[1.1, 0.2, -0.7, -0.1, 0.9, 0.4, 0.01, 0.002], [0.6, -0.3, 2.1, 0.2, 1.3, -1.2, 0, 0.05]], np.float32)
    for mode in ("CONSTANT", "REFLECT", "WRAP", "NEAREST"):
        for interpolation in ("NEAREST", "BILINEAR"):
            how = dict(output_shape=[9, 8], interpolation=interpolation, fill_mode=mode)
            yield f"projective_transform/{mode}_{interpolation}", OfLargest(32), lambda how=how: [
                raw.ImageProjectiveTransformV2(images=image, transforms=maps * [1, 1, 9, 1, 1, 9, 1, 1], **how), raw.ImageProjectiveTransformV3(images=image, transforms=maps[:1], fill_value=0.75, **how)]
    yield "projective_transform/integers", EXACT, lambda: raw.ImageProjectiveTransformV3(
        images=np.arange(105, dtype=np.uint8).reshape(1, 5, 7, 3), transforms=maps[1:], output_shape=[6, 6], fill_value=7.0, interpolation="NEAREST")
    boxes, which = np.array([[0.1, 0.2, 0.9, 1.2], [0.8, 0.1, 0.05, 0.6], [-0.2, 0, 1, 1]], np.float32), np.array([1, 0, 1], np.int32)
    crops = noise(3, 4, 6, 3, seed=9)
    for method in ("bilinear", "nearest"):
        yield f"crop_grad/{method}", OfLargest(16), lambda method=method: raw.CropAndResizeGradImage(grads=crops, boxes=boxes, box_ind=which, image_size=[2, 5, 7, 3], T=tf.float32, method=method)
    yield "crop_grad/boxes", OfLargest(32), lambda: raw.CropAndResizeGradBoxes(grads=crops, image=image, boxes=boxes, box_ind=which)
    yield "crop_grad/one_row", OfLargest(32), lambda: [raw.CropAndResizeGradBoxes(grads=crops[:, :1], image=image, boxes=boxes, box_ind=which),
                                                       raw.CropAndResizeGradImage(grads=crops[:, :1], boxes=boxes, box_ind=which, image_size=[2, 5, 7, 3], T=tf.float32)]
    volume, kernel = noise(2, 5, 6, 4, 3), noise(2, 3, 2, 3, 4, seed=3)
    how = dict(strides=[1, 1, 2, 1, 1], padding="SAME")
    by = noise(2, 5, 3, 4, 4, seed=4)
    yield "conv3d_grad", SUMMED, lambda: [raw.Conv3DBackpropInputV2(input_sizes=[2, 5, 6, 4, 3], filter=kernel, out_backprop=by, **how)]


def quantization_cases():
    x, g = noise(4, 5, seed=3) * np.float32(3), noise(4, 5, seed=2)
    low, high = np.array([-1.0, -2, 0, -0.5, -4], np.float32), np.array([2, 1, 3, 0.5, 4], np.float32)
    for narrow in (False, True):
        yield f"fake_quant_grad/{narrow}", SUMMED, lambda narrow=narrow: [
            raw.FakeQuantWithMinMaxArgsGradient(gradients=g, inputs=x, min=-1.0, max=2.0, num_bits=4, narrow_range=narrow),
            *raw.FakeQuantWithMinMaxVarsGradient(gradients=g, inputs=x, min=-2.0, max=1.0, num_bits=8, narrow_range=narrow),
            *raw.FakeQuantWithMinMaxVarsPerChannelGradient(gradients=g, inputs=x, min=low, max=high, num_bits=8, narrow_range=narrow)]
        for given in (False, True):
            for signed in (False, True):
                how = dict(range_given=given, signed_input=signed, narrow_range=narrow)
                yield f"quantize_and_dequantize/{narrow}_{given}_{signed}", EXACT, lambda how=how: [
                    raw.QuantizeAndDequantizeV2(input=x, input_min=-2.0, input_max=1.5, num_bits=5, **how),
                    raw.QuantizeAndDequantizeV2(input=x, input_min=-1.5, input_max=1.75, num_bits=8, round_mode="HALF_UP", **how),
                    raw.QuantizeAndDequantizeV3(input=x, input_min=-1.0, input_max=2.5, num_bits=6, **how),
                    raw.QuantizeAndDequantizeV4(input=x, input_min=-1.0, input_max=2.5, num_bits=7, **how)]
    yield "quantize_and_dequantize/axis", EXACT, lambda: raw.QuantizeAndDequantizeV4(input=x, input_min=low, input_max=high, num_bits=6, axis=1, range_given=False)
    yield "quantize_and_dequantize/gradient", EXACT, lambda: list(raw.QuantizeAndDequantizeV4Grad(gradients=g, input=x, input_min=low, input_max=high, axis=1))


def count_cases():
    rows, ids = noise(6, 3), np.array([4, 0, 2, 2, 0, 7], np.int32)
    for op in (raw.SparseSegmentSumGrad, raw.SparseSegmentMeanGrad, raw.SparseSegmentSqrtNGrad):
        yield f"segment_grad/{op.__name__}", SUMMED, lambda op=op: op(grad=rows, indices=np.array([3, 1, 1, 8, 0], np.int32), segment_ids=np.array([0, 0, 2, 2, 5], np.int32), output_dim0=9)
    table = np.array([[1, 3, 3, 9], [0, 4, 1, 1]], np.int32)
    for binary in (False, True):
        for values in (np.zeros(0, np.float32), noise(2, 4)):
            yield f"dense_bincount/{binary}_{values.size}", SUMMED, lambda values=values, binary=binary: [
                raw.DenseBincount(input=table, size=np.int32(5), weights=values, binary_output=binary),
                raw.DenseBincount(input=table[0], size=np.int32(12), weights=values[0] if values.size else values, binary_output=binary)]
    for exclusive in (False, True):
        for reverse in (False, True):
            yield f"cumulative_logsumexp/{exclusive}_{reverse}", OfLargest(4), lambda exclusive=exclusive, reverse=reverse: raw.CumulativeLogsumexp(
                x=noise(4, 9) * 50, axis=1, exclusive=exclusive, reverse=reverse)
    yield "approx_top_k", EXACT, lambda: list(raw.ApproxTopK(input=noise(3, 9), k=3))
    for mode in ("REFLECT", "SYMMETRIC"):
        yield f"mirror_pad_grad/{mode}", SUMMED, lambda mode=mode: raw.MirrorPadGrad(input=noise(7, 9), paddings=[[2, 1], [0, 3]], mode=mode)
    yield "sparse_to_dense/matrix", EXACT, lambda: raw.SparseToDense(sparse_indices=[[0, 1], [2, 3]], output_shape=[3, 4], sparse_values=np.array([1.5, 2.5, ], np.float32), default_value=np.float32(-1))
    yield "sparse_to_dense/vector", EXACT, lambda: raw.SparseToDense(sparse_indices=[1, 3], output_shape=[5], sparse_values=np.int32(7), default_value=np.int32(-1))
    yield "sparse_mat_mul", SUMMED, lambda: raw.SparseMatMul(a=noise(4, 5), b=noise(3, 4, seed=2), transpose_a=True, transpose_b=True)
    yield "to_bool", EXACT, lambda: [raw.ToBool(input=np.float32(0.5)), raw.ToBool(input=np.int32(0)), raw.ToBool(input=rows), raw.ToBool(input=rows[:0])]
    yield "strided_slice_update", EXACT, lambda: raw.TensorStridedSliceUpdate(input=rows, begin=[5, 0], end=[0, 3], strides=[-2, 2], value=noise(3, 2, seed=8))


def sound_cases():
    sound = (np.sin(np.arange(6000) ** 1.3 / 40) + noise(6000) / 9).astype(np.float32).reshape(3000, 2)
    for window, stride, squared in ((480, 160, True), (512, 200, False), (3000, 1, True), (4000, 10, True)):
        yield f"audio_spectrogram/{window}", SUMMED, lambda window=window, stride=stride, squared=squared: raw.AudioSpectrogram(
            input=sound, window_size=window, stride=stride, magnitude_squared=squared)
    power = noise(2, 9, 257) ** 2
    yield "mfcc/default", SUMMED, lambda: raw.Mfcc(spectrogram=power, sample_rate=16000)
    yield "mfcc/other", SUMMED, lambda: raw.Mfcc(spectrogram=power, sample_rate=8000, upper_frequency_limit=3300, lower_frequency_limit=100, filterbank_channel_count=20, dct_coefficient_count=7)


def decoding_cases():
    boxes = np.sort(np.random.default_rng(3).uniform(-0.2, 1.2, (2, 30, 2, 2)), axis=2).reshape(2, 30, 4)[:, :, None].astype(np.float32)
    each = np.random.default_rng(4).permutation(boxes.reshape(-1)).reshape(2, 10, 3, 4)
    for name, b, classes in (("shared", boxes, 3), ("each", each, 3)):
        scores = np.random.default_rng(5).permutation(np.linspace(0.01, 0.99, b.shape[0] * b.shape[1] * classes)).reshape(b.shape[0], b.shape[1], classes).astype(np.float32)
        for per_class, total, pads, clips in ((4, 7, False, True), (3, 20, True, False), (50, 100, False, True)):
            yield f"combined_nms/{name}_{per_class}", EXACT, lambda b=b, s=scores, per_class=per_class, total=total, pads=pads, clips=clips: list(raw.CombinedNonMaxSuppression(
                boxes=b, scores=s, max_output_size_per_class=per_class, max_total_size=total, iou_threshold=0.4, score_threshold=0.2, pad_per_class=pads, clip_boxes=clips))
    logits = np.repeat(noise(7, 3, 4, seed=6), 2, axis=0)
    for merge in (False, True):
        for blank in (-1, 1):
            yield f"ctc_greedy_decoder/{merge}_{blank}", SUMMED, lambda merge=merge, blank=blank: list(raw.CTCGreedyDecoder(
                inputs=logits, sequence_length=[14, 3, 9], merge_repeated=merge, blank_index=blank))


def recurrent_cases():
    steps, batch, inputs, units = 4, 3, 2, 5
    x, states, weights = noise(steps, batch, inputs), [np.tanh(noise(steps, batch, units, seed=s)) for s in range(7)], noise(inputs + units, 4 * units, seed=8)
    start, h, peeps, bias = noise(batch, units, seed=9), noise(batch, units, seed=10), [noise(units, seed=s) for s in (11, 12, 13)], noise(4 * units, seed=14)
    by = [noise(steps, batch, units, seed=s) for s in (15, 16)]
    for peephole in (False, True):
        yield f"lstm_cell_grad/{peephole}", SUMMED, lambda peephole=peephole: list(raw.LSTMBlockCellGrad(
            x=x[0], cs_prev=start, h_prev=h, w=weights, wci=peeps[0], wcf=peeps[1], wco=peeps[2], b=bias, i=states[0][0], cs=states[1][0], f=states[2][0],
            o=states[3][0], ci=states[4][0], co=states[5][0], cs_grad=by[0][0], h_grad=by[1][0], use_peephole=peephole))
        for op in (raw.BlockLSTMGrad, raw.BlockLSTMGradV2):
            for length in (4, 2):
                yield f"lstm_layer_grad/{op.__name__}_{peephole}_{length}", OfLargest(32), lambda op=op, peephole=peephole, length=length: list(op(
                    seq_len_max=np.int64(length), x=x, cs_prev=start, h_prev=h, w=weights, wci=peeps[0], wcf=peeps[1], wco=peeps[2], b=bias, i=states[0], cs=states[1], f=states[2],
                    o=states[3], ci=states[4], co=states[5], h=states[6], cs_grad=by[0], h_grad=by[1], use_peephole=peephole))[:8 if peephole else 4]
    yield "gru_cell_grad", SUMMED, lambda: list(raw.GRUBlockCellGrad(
        x=x[0], h_prev=h, w_ru=weights[:, :2 * units], w_c=weights[:, :units], b_ru=bias[:2 * units], b_c=bias[:units], r=states[0][0], u=states[1][0], c=states[2][0], d_h=by[0][0]))
    yield "conv", SUMMED, lambda: raw.Conv(input=noise(2, 6, 5, 4), filter=noise(3, 2, 4, 6, seed=2), strides=[1, 2, 1, 1], padding="SAME")


def value_cases():
    yield from recurrent_cases()
    yield from sound_cases()
    yield from decoding_cases()
    yield from pool_cases()
    yield from normalization_cases()
    yield from image_cases()
    yield from quantization_cases()
    yield from count_cases()
    yield from transform_cases()
    yield from matrix_cases()
    yield from special_cases()
