-- Measured times of language models: prefill and decode step of one instance, fitted to the configurations at odd places
-- of the measurements, sorted by prompt, batch and output (`jingwei serving --measurements FILE` prints these rows). The
-- errors are medians on those at even places. A card or a number of cards that is not here has a roofline: unverified.
-- fixed_s, token_s, long_s: prefill of T tokens together takes fixed_s + token_s T + long_s max(0, T - 2048).
-- step_s, sequence_s, cache_s: a step of B sequences that hold K tokens takes step_s + sequence_s B + cache_s K.
local source = "perf_model of splitwise-sim (Patel et al. 2024, MIT licence): Llama2-70B in FP16"
return {
  { service = "llama2-70b", card = "a100-sxm", cards = 2, fixed_s = 0.03391, token_s = 0.0003321, long_s = 6.699e-05,
    step_s = 0.05576, sequence_s = 0.0003221, cache_s = 5.5e-07, prefill_error = 0.046, decode_error = 0.048,
    source = source },
  { service = "llama2-70b", card = "a100-sxm", cards = 4, fixed_s = 0.0344, token_s = 0.0001921, long_s = 0.0001486,
    step_s = 0.04331, sequence_s = 0.000263, cache_s = 3.191e-07, prefill_error = 0.046, decode_error = 0.024,
    source = source },
  { service = "llama2-70b", card = "a100-sxm", cards = 8, fixed_s = 0.04336, token_s = 0.0001075, long_s = 0.0001316,
    step_s = 0.04401, sequence_s = 0.0002715, cache_s = 2.721e-07, prefill_error = 0.060, decode_error = 0.021,
    source = source },
  { service = "llama2-70b", card = "h100-sxm", cards = 2, fixed_s = 0.02838, token_s = 0.0001182, long_s = 4.053e-05,
    step_s = 0.03709, sequence_s = 0.0003249, cache_s = 4.017e-09, prefill_error = 0.061, decode_error = 0.009,
    source = source },
  { service = "llama2-70b", card = "h100-sxm", cards = 4, fixed_s = 0.02842, token_s = 7.194e-05, long_s = 4.277e-05,
    step_s = 0.02863, sequence_s = 0.0002897, cache_s = 1.157e-07, prefill_error = 0.080, decode_error = 0.019,
    source = source },
  { service = "llama2-70b", card = "h100-sxm", cards = 8, fixed_s = 0.03597, token_s = 4.347e-05, long_s = 5.952e-05,
    step_s = 0.02998, sequence_s = 0.0002184, cache_s = 1.593e-07, prefill_error = 0.079, decode_error = 0.021,
    source = source },
}
