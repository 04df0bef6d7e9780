-- A district and a hub in the west: what has to answer at once stays, what can wait goes where and when power is clean.
--   east    the default city; its edge sites also hold videos and small functions, its cloud a large language model and
--           trainings
--   west    a hub at Qingyang, in Gansu, with sun, wind and a battery of its own, 1,072 km away over the backbone of
--           eight national hubs; it serves the large language model and trainings
--   work    reports and videos of offices, at once; answers in bulk and trainings, by when their deadline says
local default_city = include "lib/default_city"

return scene {
  title = { en = "A district and a hub in the west", zh = "街区与西部算力枢纽" },
  map = plan { style = "district", area_km2 = 4, seed = 3 },
  start = "06:00",
  warm = "5min",
  params = {
    defaults = default_city.params,
    param { id = "edge_sites", type = "integer", default = 4, min = 0, max = 20, group = "compute",
            label = { en = "Edge sites", zh = "边缘节点" } },
    param { id = "edge_cards", type = "integer", default = 8, min = 4, max = 64, group = "compute",
            label = { en = "Cards per edge site", zh = "每节点加速卡" } },
    param { id = "city_cards", type = "integer", default = 64, min = 48, max = 4096, group = "compute",
            label = { en = "Cards in the computing room", zh = "机房加速卡" } },
    param { id = "hub_cards", type = "integer", default = 64, min = 16, max = 4096, group = "compute",
            label = { en = "Cards of the western hub", zh = "西部枢纽加速卡" } },
    param { id = "hub_sun", type = "number", default = 150, min = 0, max = 100000, unit = "kW", group = "energy",
            label = { en = "Sun of the hub, rated", zh = "枢纽光伏装机" } },
    param { id = "hub_wind", type = "number", default = 30, min = 0, max = 100000, unit = "kW", group = "energy",
            label = { en = "Wind of the hub, rated", zh = "枢纽风电装机" } },
    param { id = "hub_battery", type = "number", default = 100, min = 0, max = 100000, unit = "kWh", group = "energy",
            label = { en = "Battery of the hub", zh = "枢纽储能容量" } },
    param { id = "bulk", type = "number", default = 0.05, min = 0, max = 10, unit = "1/s", group = "compute",
            label = { en = "Answers in bulk", zh = "批量推理请求" } },
    param { id = "trainings", type = "number", default = 6, min = 0, max = 1000, unit = "1/h", group = "compute",
            label = { en = "Trainings", zh = "训练任务" } },
  },
  live = default_city.live,
  build = function(city, p)
    default_city.build(city, p)
    city:demand { model = "gravity", factor = p.demand, max_running = 3000, truck_share = 0.05, shuttle_share = 0.03,
                  ebike_share = 0.15, bicycle_share = 0.07 }
    local jobs = city:blocks { by = "jobs", count = 1 } [1]
    -- Where Qingyang lies from Xiong'an, in metres: zoom out to see it.
    city:site { id = "west-hub", tier = "west", at = { x = -769000, y = -371000 }, region = "gansu",
                racks = { { card = "a100-sxm", count = p.hub_cards } }, queue_max = 100000,
                solar_kw = p.hub_sun, wind_kw = p.hub_wind,
                battery = p.hub_battery > 0 and { capacity_kwh = p.hub_battery } or nil }
    city:topology { file = "networks/east_west.json", join_gbps = 400,
                    join = { ["Xiong'an"] = p.core_delay > 0 and "city-cloud-core" or "city-cloud", Qingyang = "west-hub" } }
    city:rollout { model = "video-analytics", version = 1, tiers = { "edge" } }
    city:rollout { model = "report-function", version = 1, tiers = { "edge", "city" } }
    city:rollout { model = "llama2-70b", version = 1, tiers = { "city", "west" } }
    city:rollout { model = "city-llm-tuning", version = 1, tiers = { "city", "west" } }
    -- The first megabyte of a minute of video; a page for a report; a prompt; what a training reads is not counted here.
    city:request { id = "video", service = "video-analytics", up_bytes = 1e6, down_bytes = 5000, items = 1500,
                   output_tokens = 0, deadline_s = 70, timeout_s = 90, policy = "edge_only", retries = 0 }
    city:request { id = "report", service = "report-function", up_bytes = 20000, down_bytes = 20000, items = 20,
                   output_tokens = 0, deadline_s = 2, timeout_s = 20, retries = 1 }
    city:request { id = "bulk", service = "llama2-70b", up_bytes = 8000, down_bytes = 4000, items = 1500,
                   output_tokens = 400, deadline_s = 4 * 3600, timeout_s = 6 * 3600, retries = 1, policy = "carbon",
                   deferrable = true }
    city:request { id = "training", service = "city-llm-tuning", up_bytes = 1e6, down_bytes = 1000, items = 900,
                   output_tokens = 0, deadline_s = 4 * 3600, timeout_s = 6 * 3600, retries = 1, policy = "carbon",
                   deferrable = true }
    city:crowd { id = "cameras", type = "video", at = jobs, per_s = 0.5 }
    city:crowd { id = "offices", type = "report", at = jobs, per_s = 0.5 }
    city:crowd { id = "archive", type = "bulk", at = jobs, per_s = p.bulk }
    city:crowd { id = "laboratory", type = "training", at = jobs, per_s = p.trainings / 3600 }
  end,
}
