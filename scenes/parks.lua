-- The district as one park among many: its own line of electronics stands in the city and asks over its network; 220
-- parks elsewhere run on figures of their own, each with what it lacks.
local default_city = include "lib/default_city"
local industry = include "lib/industry"
local sectors = include "lib/sectors"

local more = { table.unpack(industry.params) }
table.move(sectors.params, 1, #sectors.params, #more + 1, more)

return scene {
  title = { en = "A district and 220 industrial parks", zh = "一个街区与 220 个产业园" },
  map = plan { style = "district", area_km2 = 4, seed = 3 },
  start = "07:30",
  warm = "20min",
  params = {
    defaults = default_city.params,
    param { id = "edge_sites", type = "integer", default = 4, min = 0, max = 20, group = "compute",
            label = { en = "Edge sites", zh = "边缘节点" } },
    param { id = "city_cards", type = "integer", default = 16, min = 3, max = 512, group = "compute",
            label = { en = "Cards in the computing room", zh = "机房加速卡" } },
    param { id = "city_budget", type = "number", default = 20, min = 0, max = 10000, unit = "million CNY", group = "economy",
            label = { en = "City's money for computing, per quarter", zh = "城市每季度算力资金" } },
    table.unpack(more),
  },
  live = default_city.live,
  build = function(city, p)
    default_city.build(city, p)
    industry.build(city, p)
    sectors.build(city, p)
    city:budget { cny = 1e6 * p.city_budget, quarterly_cny = 1e6 * p.city_budget } -- its size is assumed
    city:park { id = "pattern", region = "shanghai", detailed = true, power_kw = 2000, people = 100, fibre_gbps = 10,
                inference_per_s = 20, quality = 0.95, cash_cny = 50e6 }
    -- The west's answer to Shanghai's start-up for inspection, with its figures.
    city:startup { id = "line-models", region = "chengdu-chongqing", cash_cny = 20e6, build_cny = 30e6, fixed_cny = 5e6,
                   price_cny = 60000, unit_cost_cny = 5000, capacity = 200, build_quarters = 2, demand_share = 0.5 }
    local place = city:place "factory" or city:blocks { by = "jobs", use = "industrial", count = 1 } [1]
    if place then city:production_line { id = "pattern-line", kind = "electronics", park = "pattern", at = place } end
    city:request { id = "maintenance", service = "inspection-vision", up_bytes = 20000, down_bytes = 300, items = 1,
                   deadline_s = 5, timeout_s = 20 }
    city:demand { model = "gravity", factor = p.demand, max_running = 3000, truck_share = 0.05, shuttle_share = 0.03,
                  ebike_share = 0.15, bicycle_share = 0.07 }
  end,
}
