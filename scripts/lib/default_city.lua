-- What stands on any map, by stated rules: the scene of a bare map file, and the common part of other scenes.
--   computing   one city centre (at a place "computing centre", else at the busiest block) and edge sites at the blocks
--               with most people and jobs
--   fibre       a ring through all sites; each cell is wired to its nearest site
--   cells       5G at 3.5 GHz on a hexagonal lattice over the built land
--   cameras     at every signalled junction
--   factory     one inspected production line at each factory place, else at the block with most industrial jobs
--   demand      gravity model over people and jobs with the hour's profile
local lib = {}

lib.params = {
  param { id = "edge_sites", type = "integer", default = 8, min = 0, max = 60, group = "compute",
          label = { en = "Edge sites", zh = "边缘节点" } },
  param { id = "edge_cards", type = "integer", default = 8, min = 1, max = 64, group = "compute",
          label = { en = "Cards per edge site", zh = "每节点加速卡" } },
  param { id = "city_cards", type = "integer", default = 64, min = 1, max = 4096, group = "compute",
          label = { en = "Cards in the city centre", zh = "城市中心加速卡" } },
  param { id = "cell_spacing", type = "number", default = 450, min = 150, max = 2000, step = 10, unit = "m",
          group = "network", label = { en = "Cell spacing", zh = "基站间距" } },
  param { id = "fibre_capacity", type = "number", default = 100, min = 0.1, max = 1000, unit = "Gbit/s",
          group = "network", label = { en = "Fibre capacity", zh = "光纤容量" } },
  param { id = "demand", type = "number", default = 1.0, min = 0, max = 3, step = 0.05, unit = "×", group = "traffic",
          when = "live", label = { en = "Traffic demand", zh = "交通需求" } },
  param { id = "connected_share", type = "number", default = 0.4, min = 0, max = 1, step = 0.05, group = "network",
          label = { en = "Connected vehicles", zh = "网联车比例" } },
  param { id = "ai_signals", type = "boolean", default = true, group = "ai",
          label = { en = "Signals by vision AI", zh = "视觉智能信控" } },
}

function lib.build(city, p)
  local centre = city:place "computing_centre" or city:blocks { by = "jobs", count = 1 } [1]
  if centre then
    city:site { id = "city-cloud", tier = "city", at = centre, racks = { { card = "ascend-910b", count = p.city_cards } } }
    for i, block in ipairs(city:blocks { by = "people_and_jobs", count = p.edge_sites, apart_m = 400 }) do
      city:site { id = "edge-" .. i, tier = "edge", at = block, racks = { { card = "ascend-310p", count = p.edge_cards } } }
    end
    city:drawn_sites() -- those of a GeoPackage's sites layer
    city:fibre { shape = "ring", capacity_gbps = p.fibre_capacity }
    city:cells { band_ghz = 3.5, spacing_m = p.cell_spacing, fibre_gbps = 25 }
    city:rollout { model = "signal-vision", version = 1, tiers = { "edge", "city" } }
    city:rollout { model = "inspection-vision", version = 1, tiers = { "edge", "city" } }
    city:rollout { model = "city-llm", version = 1, tiers = { "city" } }
    local lines = 0
    for i, place in ipairs(city:places "factory") do
      if i > 4 then break end
      city:production_line { id = "line-" .. i, park = "park", at = place }
      lines = i
    end
    local industry = city:blocks { by = "jobs", use = "industrial", count = 1 } [1]
    if lines == 0 and industry then city:production_line { id = "line-1", park = "park", at = industry } end
  end
  if p.ai_signals then city:cameras { at = "signals" } end
  city:connect { share = p.connected_share, assistant_per_hour = 4 }
  city:demand { model = "gravity", factor = p.demand }
end

-- What happens when a live parameter is changed while the city runs.
lib.live = {
  demand = function(twin, value) twin:set_demand_factor(value) end,
}

return lib
