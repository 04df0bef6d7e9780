-- Versions of models. `quality`: share of right decisions on fresh input. All figures are scenario assumptions
-- (unverified): a planner sets what the supplier has shown.
return {
  { id = "signal-vision", version = 1, image_gb = 0.6, quality = 0.92, unverified = true },
  { id = "signal-vision", version = 2, image_gb = 0.8, quality = 0.97, unverified = true },
  { id = "inspection-vision", version = 1, image_gb = 1.2, quality = 0.95, unverified = true },
  { id = "inspection-vision", version = 2, image_gb = 1.4, quality = 0.985, unverified = true },
  { id = "video-analytics", version = 1, image_gb = 0.6, quality = 0.9, unverified = true },
  { id = "report-function", version = 1, image_gb = 0.3, quality = 1, unverified = true },
  { id = "city-llm-tuning", version = 1, image_gb = 13.5, quality = 1, unverified = true },
  { id = "city-llm", version = 1, image_gb = 13.5, quality = 0.8, unverified = true },
}
