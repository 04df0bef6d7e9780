-- Grid regions: kg of CO2 a kWh, averages of 2022 (Ministry of Ecology and Environment of China). Prices are
-- unverified: large-user tariffs of the order of magnitude. `green_share`: direct green power, a scene's choice.
return {
  { id = "hebei", kgco2_per_kwh = 0.7252, price_cny_per_kwh = 0.60, green_share = 0 },
  { id = "tianjin", kgco2_per_kwh = 0.7041, price_cny_per_kwh = 0.65, green_share = 0 },
  { id = "neimenggu", kgco2_per_kwh = 0.6849, price_cny_per_kwh = 0.38, green_share = 0 },
  { id = "ningxia", kgco2_per_kwh = 0.6423, price_cny_per_kwh = 0.40, green_share = 0 },
  { id = "guizhou", kgco2_per_kwh = 0.4989, price_cny_per_kwh = 0.45, green_share = 0 },
  { id = "gansu", kgco2_per_kwh = 0.4772, price_cny_per_kwh = 0.40, green_share = 0 },
  { id = "chongqing", kgco2_per_kwh = 0.5227, price_cny_per_kwh = 0.62, green_share = 0 },
  { id = "sichuan", kgco2_per_kwh = 0.1404, price_cny_per_kwh = 0.52, green_share = 0 },
  { id = "national", kgco2_per_kwh = 0.5366, price_cny_per_kwh = 0.60, green_share = 0 },
}
