-- One district of about 4 km2: small enough for tests, studies and slow laptops.
local default_city = include "lib/default_city"
local sectors = include "lib/sectors"

return scene {
  title = { en = "A district of 4 km²", zh = "四平方公里街区" },
  map = plan { style = "district", area_km2 = 4, seed = 3 },
  start = "07:30",
  warm = "20min",
  params = {
    defaults = default_city.params,
    param { id = "edge_sites", type = "integer", default = 4, min = 0, max = 20, group = "compute",
            label = { en = "Edge sites", zh = "边缘节点" } },
    param { id = "walks", type = "number", default = 0.5, min = 0, max = 3, step = 0.1, unit = "1/day", group = "traffic",
            label = { en = "Walks per resident", zh = "人均步行出行" } },
    param { id = "city_cards", type = "integer", default = 16, min = 3, max = 512, group = "compute",
            label = { en = "Cards in the computing room", zh = "机房加速卡" } },
    param { id = "board_lines", type = "integer", default = 6, min = 0, max = 40, group = "economy",
            label = { en = "Lines for circuit boards", zh = "电路板产线" } },
    table.unpack(sectors.params),
  },
  live = default_city.live,
  build = function(city, p)
    default_city.build(city, p)
    -- Boards are looked at one by one, machines listened to every two minutes.
    local workshop = city:place "factory" or city:blocks { by = "jobs", use = "industrial", count = 1 } [1]
    for i = 1, workshop and p.edge_sites > 0 and p.board_lines or 0 do
      city:production_line { id = "boards-" .. i, kind = "electronics", park = "park", at = workshop }
    end
    city:request { id = "maintenance", service = "inspection-vision", up_bytes = 20000, down_bytes = 300, items = 1,
                   deadline_s = 5, timeout_s = 20 }
    sectors.build(city, p)
    city:demand { model = "gravity", factor = p.demand, max_running = 3000, truck_share = 0.05,
                  shuttle_share = 0.03, walks_per_person_day = p.walks, ebike_share = 0.15, bicycle_share = 0.07 }
  end,
}
