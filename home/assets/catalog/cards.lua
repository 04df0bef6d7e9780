-- Accelerator cards. Dense FP16 TFLOPS, INT8 TOPS, memory in GB, memory bandwidth in TB/s, power in W.
-- `source` says where the figures were read; `unverified = true` marks figures from memory. Prices are unverified
-- throughout: list prices of servers divided by cards, of the order of magnitude only.
-- Power while decoding (token_w): A100 250 W and H100 380 W measured (splitwise-sim); of the others it is not known.
-- Idle power: A100 63 W and H100 75 W measured (splitwise-sim, MIT); the others by the same share of the peak (unverified).
-- Supply: die_mm2 is the area of the dies in a process of 16 nm or finer, as published by the maker and quoted from
-- memory (unverified); it decides together with the figures above whether an export rule restricts an imported
-- card. sparse: the maker states twice the rate for 2:4 sparse matrices. Lead times and what a maker has for one city are
-- assumptions, not published: change them in your own copy.
return {
  { id = "h100-sxm", fp16_tflops = 989, int8_tops = 1979, memory_gb = 80, bandwidth_tbps = 3.35, idle_w = 75, peak_w = 700,
    token_w = 380, die_mm2 = 814, lead_days = 180, sparse = true, price_cny = 220000,
    source = "NVIDIA H100 datasheet" },
  { id = "a100-sxm", fp16_tflops = 312, int8_tops = 624, memory_gb = 80, bandwidth_tbps = 2.039, idle_w = 63, peak_w = 400,
    token_w = 250, die_mm2 = 826, lead_days = 120, sparse = true, price_cny = 110000,
    source = "NVIDIA A100 datasheet" },
  { id = "h20", fp16_tflops = 148, int8_tops = 296, memory_gb = 96, bandwidth_tbps = 4.0, idle_w = 63, peak_w = 400,
    die_mm2 = 814, lead_days = 90, sparse = true, price_cny = 95000, unverified = true,
    source = "press reports of 2023" },
  { id = "l40s", fp16_tflops = 362, int8_tops = 733, memory_gb = 48, bandwidth_tbps = 0.864, idle_w = 40, peak_w = 350,
    die_mm2 = 609, lead_days = 90, sparse = true, price_cny = 60000, unverified = true,
    source = "NVIDIA L40S datasheet, from memory" },
  { id = "ascend-910b", fp16_tflops = 320, int8_tops = 640, memory_gb = 64, bandwidth_tbps = 1.2, idle_w = 63, peak_w = 400,
    lead_days = 45, maker_per_day = 8, maker_growth_per_day = 8, price_cny = 100000, domestic = true, unverified = true,
    source = "public reports; for the bandwidth they range from 0.4 to 1.6 TB/s" },
  { id = "ascend-310p", fp16_tflops = 70, int8_tops = 140, memory_gb = 24, bandwidth_tbps = 0.204, idle_w = 15, peak_w = 72,
    lead_days = 30, maker_per_day = 40, maker_growth_per_day = 20, price_cny = 12000, domestic = true, unverified = true,
    source = "Atlas 300I Pro, from memory" },
  { id = "mlu370-x8", fp16_tflops = 96, int8_tops = 256, memory_gb = 48, bandwidth_tbps = 0.614, idle_w = 40, peak_w = 250,
    lead_days = 45, maker_per_day = 4, maker_growth_per_day = 4, price_cny = 45000, domestic = true,
    source = "Cambricon MLU370-X8 product page" },
  { id = "biren-br104", fp16_tflops = 512, int8_tops = 1024, memory_gb = 32, bandwidth_tbps = 0.819, idle_w = 45, peak_w = 300,
    lead_days = 60, maker_per_day = 2, maker_growth_per_day = 2, price_cny = 60000, domestic = true,
    source = "Biren BR104 announcement" },
  { id = "hygon-k100-ai", fp16_tflops = 196, int8_tops = 392, memory_gb = 64, bandwidth_tbps = 0.896, idle_w = 60, peak_w = 350,
    lead_days = 45, maker_per_day = 4, maker_growth_per_day = 4, price_cny = 60000, domestic = true, unverified = true,
    source = "Hygon K100_AI; its power is from memory" },
}
