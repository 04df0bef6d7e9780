-- Xiong'an start-up area: five clusters between green corridors and the southern lake, on 38 km2.
local default_city = include "lib/default_city"

return scene {
  title = { en = "Xiong'an start-up area", zh = "雄安新区启动区" },
  map = plan { style = "xiongan", area_km2 = 38, seed = 7 },
  start = "07:00",
  warm = "10min", -- the first start takes a few seconds for it
  params = {
    defaults = default_city.params,
    param { id = "edge_sites", type = "integer", default = 12, min = 0, max = 60, group = "compute",
            label = { en = "Edge sites", zh = "边缘节点" } },
    param { id = "bus_lines", type = "integer", default = 8, min = 0, max = 40, group = "traffic",
            label = { en = "Bus lines", zh = "公交线路数" } },
    param { id = "walks", type = "number", default = 0.5, min = 0, max = 3, step = 0.1, unit = "1/day", group = "traffic",
            label = { en = "Walks per resident", zh = "人均步行出行" } },
    param { id = "city_cards", type = "integer", default = 512, min = 3, max = 4096, group = "compute",
            label = { en = "Cards in the city centre", zh = "城市中心加速卡" } },
  },
  live = default_city.live,
  build = function(city, p)
    default_city.build(city, p)
    city:demand { model = "gravity", factor = p.demand, truck_share = 0.06, shuttle_share = 0.03,
                  walks_per_person_day = p.walks, ebike_share = 0.18, bicycle_share = 0.08 }
  end,
}
