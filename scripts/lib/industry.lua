-- Two economic regions with their parks, a fund, and start-ups: what stands behind production lines. People, capital and
-- money are assumptions of the right order of magnitude (unverified); the fund's size is the one announced, 8.4 billion
-- US dollars at 7.2 yuan.
local lib = {}

lib.params = {
  param { id = "parks", type = "integer", default = 220, min = 0, max = 1000, group = "economy",
          label = { en = "Industrial parks elsewhere", zh = "外地产业园数量" } },
  param { id = "west_share", type = "number", default = 0.5, min = 0.01, max = 1, step = 0.01, group = "economy",
          label = { en = "Share of parks in the west", zh = "西部园区占比" } },
  param { id = "fund_leverage", type = "number", default = 3, min = 1, max = 10, step = 0.5, group = "economy",
          label = { en = "Leverage of the fund", zh = "基金杠杆" } },
}

function lib.build(city, p)
  city:economic_region { id = "shanghai", side = "east", skilled = 60000, unskilled = 40000, researchers = 12000,
                         decline_per_year = 0.012, venture_cny = 4e9 }
  city:economic_region { id = "chengdu-chongqing", side = "west", skilled = 60000, unskilled = 90000, researchers = 5000,
                         decline_per_year = 0.008, venture_cny = 0.6e9 }
  city:fund { size_cny = 8.4e9 * 7.2, tranches = 8, leverage = p.fund_leverage, recovery = 0.4 }
  city:productivity { alpha = 0.4, service_cny_per_hour = 200000 }
  if p.parks > 0 then
    city:parks { count = p.parks, east = "shanghai", west = "chengdu-chongqing", seed = 11, west_share = p.west_share }
  end
  city:startup { id = "edge-cards", region = "chengdu-chongqing", cash_cny = 30e6, build_cny = 120e6, fixed_cny = 9e6,
                 price_cny = 12000, unit_cost_cny = 7000, capacity = 4000, build_quarters = 3, demand_share = 0.35 }
  city:startup { id = "inspection-models", region = "shanghai", cash_cny = 20e6, build_cny = 30e6, fixed_cny = 5e6,
                 price_cny = 60000, unit_cost_cny = 5000, capacity = 200, build_quarters = 2, demand_share = 0.5 }
end

return lib
