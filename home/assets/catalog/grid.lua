-- Grid regions.
-- kg of CO2 a kWh: averages of 2022 (Ministry of Ecology and Environment of China); "east" and "south" are the
-- regional averages of the Yangtze delta's and the Greater Bay's hubs.
-- Unverified, from memory, as orders of magnitude: prices of large users and their hours; climate (means of 1991 to
-- 2020 at the hub's place, rounded); sky, wind at hub height, and the sun's share of the mix.
-- `green_share` is direct green power, a scene's choice: on averages alone the west is hardly greener than the east.

-- Valley, flat and peak of eight hours each at 0.5, 1 and 1.5 of the mean. Where much solar power is on the grid, the
-- valley lies at noon.
local night_valley = {
  0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5,
}
local noon_valley = {
  1, 1, 1, 1, 1, 1, 1, 1.5, 1.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1,
}
local day_peak = {
  0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 1.5, 1.5, 1.5, 1, 1, 1.5, 1.5, 1.5, 1.5, 1.5, 1, 1, 1, 1, 1,
}

return {
  {
    id = "hebei", kgco2_per_kwh = 0.7252, price_cny_per_kwh = 0.60, green_share = 0,
    temperature_c = 13.0, season_c = 15.3, day_c = 5.5, latitude_deg = 39.0, longitude_deg = 116.0,
    sky = 0.55, wind_mps = 5.0, solar_share = 0.11, price_factor = night_valley,
  },
  {
    id = "tianjin", kgco2_per_kwh = 0.7041, price_cny_per_kwh = 0.65, green_share = 0,
    temperature_c = 13.0, season_c = 15.0, day_c = 4.5, latitude_deg = 39.1, longitude_deg = 117.2,
    sky = 0.55, wind_mps = 5.0, solar_share = 0.04, price_factor = night_valley,
  },
  {
    id = "neimenggu", kgco2_per_kwh = 0.6849, price_cny_per_kwh = 0.38, green_share = 0,
    temperature_c = 6.5, season_c = 17.0, day_c = 6.5, latitude_deg = 40.4, longitude_deg = 111.8,
    sky = 0.65, wind_mps = 8.0, solar_share = 0.05, price_factor = noon_valley,
  },
  {
    id = "ningxia", kgco2_per_kwh = 0.6423, price_cny_per_kwh = 0.40, green_share = 0,
    temperature_c = 9.8, season_c = 15.5, day_c = 6.5, latitude_deg = 37.5, longitude_deg = 105.2,
    sky = 0.65, wind_mps = 7.0, solar_share = 0.14, price_factor = noon_valley,
  },
  {
    id = "guizhou", kgco2_per_kwh = 0.4989, price_cny_per_kwh = 0.45, green_share = 0,
    temperature_c = 15.0, season_c = 9.7, day_c = 3.5, latitude_deg = 26.4, longitude_deg = 106.6,
    sky = 0.38, wind_mps = 5.0, solar_share = 0.06, price_factor = day_peak,
  },
  {
    id = "gansu", kgco2_per_kwh = 0.4772, price_cny_per_kwh = 0.40, green_share = 0,
    temperature_c = 9.5, season_c = 14.0, day_c = 5.5, latitude_deg = 35.7, longitude_deg = 107.6,
    sky = 0.62, wind_mps = 7.0, solar_share = 0.12, price_factor = noon_valley,
  },
  {
    id = "chongqing", kgco2_per_kwh = 0.5227, price_cny_per_kwh = 0.62, green_share = 0,
    temperature_c = 18.4, season_c = 10.3, day_c = 3.0, latitude_deg = 29.5, longitude_deg = 106.5,
    sky = 0.33, wind_mps = 3.5, solar_share = 0.01, price_factor = day_peak,
  },
  {
    id = "sichuan", kgco2_per_kwh = 0.1404, price_cny_per_kwh = 0.52, green_share = 0,
    temperature_c = 16.8, season_c = 10.0, day_c = 3.5, latitude_deg = 30.6, longitude_deg = 104.1,
    sky = 0.35, wind_mps = 3.0, solar_share = 0.01, price_factor = day_peak,
  },
  {
    id = "east", kgco2_per_kwh = 0.5617, price_cny_per_kwh = 0.66, green_share = 0,
    temperature_c = 17.0, season_c = 12.0, day_c = 4.0, latitude_deg = 31.2, longitude_deg = 121.0,
    sky = 0.45, wind_mps = 5.0, solar_share = 0.05, price_factor = day_peak,
  },
  {
    id = "south", kgco2_per_kwh = 0.3869, price_cny_per_kwh = 0.62, green_share = 0,
    temperature_c = 20.5, season_c = 9.0, day_c = 4.0, latitude_deg = 24.8, longitude_deg = 113.6,
    sky = 0.42, wind_mps = 4.5, solar_share = 0.03, price_factor = day_peak,
  },
  {
    id = "national", kgco2_per_kwh = 0.5366, price_cny_per_kwh = 0.60, green_share = 0,
    temperature_c = 13.0, season_c = 13.0, day_c = 5.0, latitude_deg = 35.0, longitude_deg = 110.0,
    sky = 0.50, wind_mps = 5.5, solar_share = 0.05, price_factor = night_valley,
  },
}
