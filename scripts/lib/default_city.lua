-- What stands on any map, by stated rules: the scene of a bare map file, and the common part of other scenes.
--   computing   one city centre (at a place "computing centre", else at the busiest block) and edge sites at the blocks
--               with most people and jobs; each model it serves takes a card: 2 of an edge site, 3 of the centre
--               with edge_battery: batteries that can be emptied in a quarter of an hour
--   fibre       a ring through all sites; each cell is wired to its nearest site
--   cells       5G at 3.5 GHz on masts of 25 m (TR 38.901 has UMa 500 m apart, UMi 200 m) on a hexagonal lattice over the
--               built land; further apart than asked for where it would take more than 5,000 (a region rather than a city)
--   cameras     at every signalled junction
--   factory     one inspected production line at each factory place, else at the block with most industrial jobs
--   desks       a clinic's triage at up to two hospitals, a freight office at a factory
--   breakdowns  vehicles that block a lane until cameras or a phone call found them and a crew cleared it (unverified rate)
--   users       vehicles, and each block's residents at home as one user
--   road        with digital_road: a roadside unit at every signalled junction
--   demand      gravity model over people and jobs with the hour's profile
--   buses       lines between the blocks with most people and jobs, two for each line, as far apart as the map allows:
--               seen from their middle, each line joins one to the one opposite, along the quickest streets, with stops
--               every 450 m; twice as many buses in the peaks (07-09, 17-19)
local lib = {}

lib.params = {
  param { id = "edge_sites", type = "integer", default = 8, min = 0, max = 60, group = "compute",
          label = { en = "Edge sites", zh = "边缘节点" } },
  param { id = "edge_cards", type = "integer", default = 8, min = 2, max = 64, group = "compute",
          label = { en = "Cards per edge site", zh = "每节点加速卡" } },
  param { id = "edge_battery", type = "number", default = 0, min = 0, max = 1000, step = 0.5, unit = "kWh", group = "compute",
          label = { en = "Battery per edge site", zh = "每节点电池容量" } },
  param { id = "city_cards", type = "integer", default = 64, min = 3, max = 4096, group = "compute",
          label = { en = "Cards in the city centre", zh = "城市中心加速卡" } },
  param { id = "cell_spacing", type = "number", default = 450, min = 150, max = 2000, step = 10, unit = "m",
          group = "network", label = { en = "Cell spacing", zh = "基站间距" } },
  param { id = "fibre_capacity", type = "number", default = 100, min = 0.1, max = 1000, unit = "Gbit/s",
          group = "network", label = { en = "Fibre capacity", zh = "光纤容量" } },
  param { id = "demand", type = "number", default = 1.0, min = 0, max = 3, step = 0.05, unit = "×", group = "traffic",
          when = "live", label = { en = "Traffic demand", zh = "交通需求" } },
  param { id = "bus_lines", type = "integer", default = 3, min = 0, max = 20, group = "traffic",
          label = { en = "Bus lines", zh = "公交线路数" } },
  param { id = "bus_headway", type = "number", default = 10, min = 3, max = 60, step = 0.5, unit = "min",
          group = "traffic", label = { en = "Bus headway off-peak", zh = "平峰发车间隔" } },
  param { id = "connected_share", type = "number", default = 0.4, min = 0, max = 1, step = 0.05, group = "network",
          label = { en = "Connected vehicles", zh = "网联车比例" } },
  param { id = "home_data", type = "number", default = 9, min = 0, max = 10000, unit = "kbit/s", group = "network",
          label = { en = "Home data per resident", zh = "人均居家流量" } },
  param { id = "digital_road", type = "boolean", default = false, group = "network",
          label = { en = "Roadside units", zh = "数字道路" } },
  -- What edge computing is for: a central user plane and firewalls stand between the streets and the cloud (unverified).
  param { id = "core_delay", type = "number", default = 4, min = 0, max = 50, step = 0.5, unit = "ms", group = "network",
          label = { en = "Core network to the cloud, one way", zh = "核心网到云的单向时延" } },
  param { id = "policy", type = "choice", default = "latency", group = "compute", when = "live",
          choices = { "latency", "nearest", "edge_only", "cloud_only", "least_loaded", "carbon" },
          label = { en = "Requests choose their site by", zh = "请求选站策略" } },
  param { id = "desks", type = "boolean", default = true, group = "ai",
          label = { en = "Clinics and freight office", zh = "门诊与货运窗口" } },
  param { id = "breakdowns", type = "number", default = 20, min = 0, max = 100000, unit = "1/Mkm", group = "traffic",
          label = { en = "Breakdowns per million vehicle-km", zh = "每百万车公里抛锚数" } },
  param { id = "bus_priority", type = "boolean", default = false, group = "ai",
          label = { en = "Bus priority by prediction", zh = "公交预测优先" } },
  param { id = "ai_signals", type = "boolean", default = true, group = "ai",
          label = { en = "Signals by vision AI", zh = "视觉智能信控" } },
}

local function add_bus_lines(city, p)
  local ends = {}
  for _, apart_m in ipairs { 3200, 2400, 1800, 1200, 800, 500 } do
    ends = city:blocks { by = "people_and_jobs", count = 2 * p.bus_lines, apart_m = apart_m }
    if #ends == 2 * p.bus_lines then break end
  end
  local lines = #ends // 2
  local x, y = 0, 0
  for _, block in ipairs(ends) do
    x, y = x + block.x / #ends, y + block.y / #ends
  end
  table.sort(ends, function(a, b) return math.atan(a.y - y, a.x - x) < math.atan(b.y - y, b.x - x) end)
  local off_peak, peak = p.bus_headway, math.max(p.bus_headway / 2, 2)
  for i = 1, lines do
    city:bus_line { id = tostring(i), through = { ends[i], ends[i + lines] }, optional = true,
                    headway_min = { ["06:00"] = off_peak, ["07:00"] = peak, ["09:00"] = off_peak,
                                    ["17:00"] = peak, ["19:00"] = off_peak } }
  end
end

-- A clinic at each hospital (else one at the block with most people), with patients sorted by urgency, and a freight
-- office at the first factory (else at the block with most industrial jobs), with papers to check. Cases, staff, times and
-- limits are assumptions of the right order of magnitude (unverified): clinics four fifths busy, offices too, by hand.
local function add_desks(city)
  local clinics = city:places "hospital"
  if #clinics == 0 then clinics = city:blocks { by = "people_and_jobs", count = 1 } end
  for i, place in ipairs(clinics) do
    if i > 2 then break end
    city:desk { id = "clinic-" .. i, kind = "triage", at = place, cases_per_h = 40, servers = 6, service_s = 420,
                classes = { { name = "urgent", share = 0.15, limit_s = 300 }, { name = "soon", share = 0.35, limit_s = 1200 },
                            { name = "later", share = 0.5, limit_s = 7200 } } }
  end
  local office = city:places "factory" [1] or city:blocks { by = "jobs", use = "industrial", count = 1 } [1]
  if office then
    city:desk { id = "freight-office", kind = "clearing", at = office, cases_per_h = 60, servers = 4, service_s = 90,
                manual_s = 190, rework_s = 300 }
  end
end

function lib.build(city, p)
  local centre = city:place "computing_centre" or city:blocks { by = "jobs", count = 1 } [1]
  if centre then
    city:site { id = "city-cloud", tier = "city", at = centre, racks = { { card = "ascend-910b", count = p.city_cards } },
                core_ms = p.core_delay > 0 and p.core_delay or nil }
    for i, block in ipairs(city:blocks { by = "people_and_jobs", count = p.edge_sites, apart_m = 400 }) do
      city:site { id = "edge-" .. i, tier = "edge", at = block, racks = { { card = "ascend-310p", count = p.edge_cards } },
                  battery = p.edge_battery > 0 and { capacity_kwh = p.edge_battery, power_kw = 4 * p.edge_battery } or nil }
    end
    city:drawn_sites() -- those of a GeoPackage's sites layer
    city:fibre { shape = "ring", capacity_gbps = p.fibre_capacity }
    city:cells { band_ghz = 3.5, scenario = "uma", spacing_m = p.cell_spacing, fibre_gbps = 25, count_max = 5000 }
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
  if centre and p.desks then add_desks(city) end
  if p.breakdowns > 0 then city:incidents { per_million_km = p.breakdowns, look_s = 30, at = centre } end
  if p.bus_priority then city:bus_priority() end
  if p.ai_signals then city:cameras { at = "signals" } end
  if p.digital_road then city:roadside_units {} end
  city:radio_users { kbps_per_resident = p.home_data }
  city:policy { name = p.policy }
  city:connect { share = p.connected_share, assistant_per_hour = 4 }
  city:demand { model = "gravity", factor = p.demand }
  if p.bus_lines > 0 then add_bus_lines(city, p) end
end

-- People per km2 as people meet it: the mean over all people of those in their own square kilometre.
function lib.density_per_km2(city)
  local squares, people, sum = {}, 0, 0
  for _, block in ipairs(city:blocks {}) do
    local key = (block.x // 1000) .. " " .. (block.y // 1000)
    squares[key] = (squares[key] or 0) + block.people
    people = people + block.people
  end
  for _, count in pairs(squares) do sum = sum + count * count end
  return people > 0 and sum / people or 0
end

-- Trips by vehicle a person and day: a straight line, round, between
--   0.9 where people live less densely than 5,000 per km2: Germany's metropolises 0.87 (Mobilität in Deutschland 2017:
--       3.1 trips, 28 % of them as a car's driver)
--   0.4 where they live more densely than 15,000 per km2: Shanghai 0.3 by car (survey of 2014: 2.16 trips; 20 % of them
--       by car, 1.45 persons in each) and 0.1 for taxis and goods (assumed)
-- Vienna lies between in both (2019: 2.7 trips, 25 % by car, 1.25 persons in each: 0.54). All but the 2.16 from memory.
function lib.trips_per_person_day(density_per_km2)
  local share = (density_per_km2 - 5000) / 10000
  return 0.9 - 0.5 * math.max(0, math.min(1, share))
end

-- A map alone: nobody has said how people travel there.
function lib.build_map(city, p)
  lib.build(city, p)
  local trips = lib.trips_per_person_day(lib.density_per_km2(city))
  city:demand { model = "gravity", factor = p.demand, trips_per_person_day = trips }
end

-- What happens when a live parameter is changed while the city runs.
lib.live = {
  demand = function(twin, value) twin:set_demand_factor(value) end,
  policy = function(twin, value) twin:set_policy { name = value } end,
}

return lib
