-- Compression of models, against 16-bit weights. `memory_factor` is bits a weight over 16 (scales of the groups left out),
-- `quality_factor` the measured quality over that of 16 bits. The 4-bit figures are of a model of 7 billion parameters:
-- larger ones lose less (with AWQ 13 billion 0.986, 70 billion 1.002). That the share of right decisions falls as the
-- average of language tasks does is an assumption.
-- Speed: fewer bytes a weight shorten a decode step, which reads them all; `int8` computes at the cards' INT8 rate; methods
-- of 4 bits, and fp8, which few cards compute, keep the 16-bit arithmetic. `operation_factor` is of the operations,
-- `sparse_factor` the same on cards with sparse matrix units (cards.lua).
return {
  { id = "fp8", memory_factor = 0.5, quality_factor = 1, source = "published measurements: 8-bit floating point loses nothing" },
  { id = "int8", memory_factor = 0.5, quality_factor = 0.98, int8 = true,
    source = "published measurements: tuned INT8 loses 1-3 %, the middle" },
  { id = "int4-awq", memory_factor = 0.25, quality_factor = 0.9874,
    source = "Llama-2 7B, average of 11 tasks, 4 bits per channel: 57.25 of 57.98" },
  { id = "int4-gptq", memory_factor = 0.25, quality_factor = 0.979,
    source = "Llama-2 7B, average of 11 tasks, 4 bits per channel: 56.76 of 57.98" },
  { id = "int4-rtn", memory_factor = 0.25, quality_factor = 0.9571,
    source = "Llama-2 7B, average of 11 tasks, 4 bits per channel, rounded to nearest: 55.49 of 57.98" },
  -- Half of the weights and two bits of place for each that is left: (16 + 2) / 32. Quality and the factor of operations
  -- (1.6 times as fast, end to end) are of the order of what is published, from memory.
  { id = "sparse-2-4", memory_factor = 0.5625, quality_factor = 0.97, sparse_factor = 0.625, unverified = true,
    source = "Frantar and Alistarh, SparseGPT, 2023, and Mishra et al., 2021, from memory" },
  -- A student with 66 of 110 million parameters keeps 97 % of the quality on GLUE and takes 410 s where the teacher takes
  -- 668: of BERT, not of our models.
  { id = "distilled", memory_factor = 0.6, quality_factor = 0.97, operation_factor = 0.614, unverified = true,
    source = "Sanh et al., DistilBERT, 2019, from memory" },
}
