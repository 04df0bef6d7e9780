-- Versions of models. `quality`: share of right decisions on fresh input. All figures are scenario assumptions
-- (unverified): a planner sets what the supplier has shown. parameters_b: of the detector of the YOLOv5l class 46.5 million
-- (its published table), of the chat model 6.74 billion; the others are assumed. domain_tokens_b is what their training is
-- worth in their domain, assumed throughout: it says how soon a tuning shows (tuning.lua).
return {
  { id = "signal-vision", version = 1, image_gb = 0.6, quality = 0.92, parameters_b = 0.0465, domain_tokens_b = 0.1, unverified = true },
  { id = "signal-vision", version = 2, image_gb = 0.8, quality = 0.97, parameters_b = 0.0465, domain_tokens_b = 1, unverified = true },
  { id = "inspection-vision", version = 1, image_gb = 1.2, quality = 0.95, parameters_b = 0.1, domain_tokens_b = 0.1, unverified = true },
  { id = "inspection-vision", version = 2, image_gb = 1.4, quality = 0.985, parameters_b = 0.1, domain_tokens_b = 1, unverified = true },
  { id = "video-analytics", version = 1, image_gb = 0.6, quality = 0.9, parameters_b = 0.0465, domain_tokens_b = 0.1, unverified = true },
  { id = "report-function", version = 1, image_gb = 0.3, quality = 1, unverified = true },
  { id = "city-llm-tuning", version = 1, image_gb = 13.5, quality = 1, unverified = true },
  { id = "city-llm", version = 1, image_gb = 13.5, quality = 0.8, parameters_b = 6.74, domain_tokens_b = 1, unverified = true },
  { id = "llama2-70b", version = 1, image_gb = 140, quality = 0.85, parameters_b = 70, domain_tokens_b = 1, unverified = true },
}
