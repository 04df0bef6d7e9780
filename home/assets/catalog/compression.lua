-- Compression of models, against 16-bit weights. `memory_factor` is bits a weight over 16 (scales of the groups left out),
-- `quality_factor` the measured quality over that of 16 bits. The 4-bit figures are of a model of 7 billion parameters:
-- larger ones lose less (with AWQ 13 billion 0.986, 70 billion 1.002). That the share of right decisions falls as the
-- average of language tasks does is an assumption.
return {
  { id = "fp8", memory_factor = 0.5, quality_factor = 1, source = "published measurements: 8-bit floating point loses nothing" },
  { id = "int8", memory_factor = 0.5, quality_factor = 0.98, source = "published measurements: tuned INT8 loses 1-3 %, the middle" },
  { id = "int4-awq", memory_factor = 0.25, quality_factor = 0.9874,
    source = "Llama-2 7B, average of 11 tasks, 4 bits per channel: 57.25 of 57.98" },
  { id = "int4-gptq", memory_factor = 0.25, quality_factor = 0.979,
    source = "Llama-2 7B, average of 11 tasks, 4 bits per channel: 56.76 of 57.98" },
  { id = "int4-rtn", memory_factor = 0.25, quality_factor = 0.9571,
    source = "Llama-2 7B, average of 11 tasks, 4 bits per channel, rounded to nearest: 55.49 of 57.98" },
}
