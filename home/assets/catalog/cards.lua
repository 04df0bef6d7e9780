return {
{ id = 'a', fp16_tflops = 1, int8_tops = 2, memory_gb = 8, bandwidth_tbps = 1, idle_w = 5, peak_w = 50, price_cny = 1, source = 's' },
{ id = 'b', fp16_tflops = 1, int8_tops = 2, memory_gb = 8, bandwidth_tbps = 1, idle_w = 5, peak_w = 50, price_cny = 1,
  colour = 3, source = 's' } }