-- The law by which a fine-tuned model's quality follows from its data (engine/ai/ai_tune.h says how). One entry.
-- floor to data_exponent: Hoffmann et al., "Training compute-optimal large language models", 2022, their third approach.
-- transfer_*: Hernandez et al., "Scaling laws for transfer", 2021, from text to Python code, in characters (unverified).
-- repeat_worth: Muennighoff et al., "Scaling data-constrained language models", 2023 (unverified).
-- half_life_days and error_exponent are assumptions: a city's streets change within years, and wrong decisions are taken to
-- be proportional to the loss in excess of the floor.
return {
  { id = "hoffmann-hernandez", floor = 1.69, size_scale = 406.4, size_exponent = 0.34, data_scale = 410.7, data_exponent = 0.28,
    transfer_scale = 1.9e4, transfer_data_exponent = 0.18, transfer_size_exponent = 0.38, half_life_days = 365,
    repeat_worth = 15.39, error_exponent = 1, unverified = true,
    source = "Hoffmann et al. 2022; Hernandez et al. 2021 and Muennighoff et al. 2023 from memory" },
}
