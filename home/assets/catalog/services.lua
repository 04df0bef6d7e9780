-- What is served, and what one request costs in arithmetic, memory and time.
return {
  -- One picture of a junction: a detector of the YOLOv5l class, 109 GFLOP at 640x640 (its published table), at 1280x736
  -- about 2.3 times the pixels. Efficiency and launch time are unverified.
  { id = "signal-vision", kind = "vision", gflop_per_item = 250, efficiency = 0.3, int8 = true, step_overhead_s = 0.004,
    max_batch = 8, image_gb = 0.6, unverified = true },
  -- Surface inspection at high resolution: a segmentation network of the same family on four tiles (unverified).
  { id = "inspection-vision", kind = "vision", gflop_per_item = 700, efficiency = 0.3, int8 = true,
    step_overhead_s = 0.004, max_batch = 4, image_gb = 1.2, unverified = true },
  -- A chat model of the size of Llama2-7B: 524,288 bytes of KV cache a token in FP16 (2 x 32 layers x 32 heads x 128 x 2).
  -- c0 of tens of milliseconds a step is what measurements show (Llama2-70B on A100: 44.9 ms against a roofline of 8.6).
  { id = "city-llm", kind = "llm", parameters_b = 6.74, bytes_per_parameter = 2, kv_bytes_per_token = 524288,
    prefill_mfu = 0.4, decode_efficiency = 0.7, step_overhead_s = 0.02, max_batch = 24, image_gb = 13.5,
    cards_per_instance = 1, source = "Llama 2 model card; shares and c0 of the measurements named above" },
  -- A camera's video of 25 pictures a second through the detector above at 640x640 (109 GFLOP): a stream holds its share of
  -- a card. A request's items are pictures.
  { id = "video-analytics", kind = "stream", gflop_per_item = 109, efficiency = 0.3, int8 = true, frame_rate_hz = 25,
    image_gb = 0.6, unverified = true },
  -- A small job on demand: a container starts in a second and stays for ten minutes, as public platforms do.
  { id = "report-function", kind = "function", gflop_per_item = 50, efficiency = 0.1, int8 = false, step_overhead_s = 0.02,
    cold_start_s = 1, keep_alive_s = 600, image_gb = 0.3, unverified = true },
  -- Fine-tuning of the chat model: a step of 16 sequences of 2,048 tokens, 6 N operations a token (Kaplan et al. 2020), and
  -- a checkpoint of weights and optimiser every ten minutes. It gives up its cards to the others.
  { id = "city-llm-tuning", kind = "training", gflop_per_item = 1325138, efficiency = 0.4, int8 = false,
    checkpoint_interval_s = 600, checkpoint_s = 30, image_gb = 13.5, cards_per_instance = 8, unverified = true },
  -- Llama2-70B in FP16 on eight cards: 327,680 bytes of cache a token (2 x 80 layers x 8 heads x 128 x 2). On A100 and H100
  -- its times are measured (timings.lua); the shares here are for other cards and unverified.
  { id = "llama2-70b", kind = "llm", parameters_b = 70, bytes_per_parameter = 2, kv_bytes_per_token = 327680,
    prefill_mfu = 0.4, decode_efficiency = 0.7, step_overhead_s = 0.035, max_batch = 64, image_gb = 140,
    cards_per_instance = 8, ttft_limit_s = 2, tpot_limit_s = 0.1, unverified = true },
  -- Fine-tuning of any model: a step is 10^14 operations, and a checkpoint is kept every ten minutes. What the job needs
  -- decides between one card and eight that train together (unverified: the share of the peak, the checkpoint's time).
  { id = "tuning-1", kind = "training", gflop_per_item = 1e5, efficiency = 0.4, int8 = false, checkpoint_interval_s = 600,
    checkpoint_s = 10, image_gb = 0.1, cards_per_instance = 1, unverified = true },
  { id = "tuning-8", kind = "training", gflop_per_item = 1e5, efficiency = 0.35, int8 = false, checkpoint_interval_s = 600,
    checkpoint_s = 30, image_gb = 0.1, cards_per_instance = 8, unverified = true },
}
