-- What can wait goes to where and when power is clean; what has to answer at once stays. For scenes/east_west.lua.
local drill = include "lib/drill"

local function kg(twin) return twin:metric "twin.carbon" end

return scenario {
  title = { en = "Data east, computing west", zh = "东数西算" },
  predict = { en = "Of videos, reports, answers in bulk and trainings: which go west, and which of them wait for noon?",
              zh = "视频、报表、批量推理、训练：哪些会送往西部？哪些会等到正午？" },
  lesson = { en = "Only work with a deadline of hours can use a hub's sun; what is asked now is answered nearby. Cards at " ..
             "rest draw power, too: no policy moves that.",
             zh = "只有期限以小时计的任务才能用上枢纽的阳光；即时请求仍就近应答。空闲的卡也耗电，任何调度都搬不走。" },
  limits = { en = "Prices of power and fibre, and what a hub costs. Sun and wind are those of one day.",
             zh = "电价、光纤费用与枢纽造价。风光只取一天。" },
  measures = { "twin.carbon", "twin.requests_held", "twin.requests_late" },
  params = {
    param { id = "mechanism", type = "boolean", default = true, group = "scenario",
            label = { en = "Data east, computing west", zh = "东数西算" } },
    param { id = "west", type = "boolean", default = true, group = "scenario",
            label = { en = "Work may go west", zh = "任务可送往西部" } },
    param { id = "wait", type = "boolean", default = true, group = "scenario",
            label = { en = "Work may wait for cleaner power", zh = "任务可等待更清洁的电力" } },
  },
  on_start = function(twin, storage, p)
    storage.is_here = #twin:request_types { type = "bulk" }:ids() > 0
    if not storage.is_here then
      twin:log("This scene has no work that can wait: run it on scenes/east_west.lua.",
        "此场景没有可等待的任务：请在 scenes/east_west.lua 上运行。")
      return
    end
    for _, kind in ipairs { "bulk", "training" } do
      twin:set_guard { type = kind, residency = p.mechanism and p.west and 0 or 1,
                        deferrable = p.mechanism and p.wait and 1 or 0 }
    end
  end,
  every = {
    ["30min"] = function(twin, storage)
      if not storage.is_here then return end
      local hub, types = twin:site_energy { name = "west-hub" }, twin:request_types()
      local held = math.floor(types:sum "held_now")
      local west = math.floor(twin:sites { name = "west-hub" }:sum "done")
      twin:log(string.format("%d tasks wait for cleaner power; the hub has done %d. Its sun and wind give %.0f kW, %.2f kg CO2 " ..
        "a kWh from its grid; all computing so far %.0f kg.", held, west,
        (hub:sum "solar_w" + hub:sum "wind_w") / 1000, hub:sum "kgco2_per_kwh", kg(twin)),
        string.format("%d 个任务在等待清洁电力；枢纽已完成 %d 个。其风光出力 %.0f 千瓦，电网每千瓦时 %.2f 千克二氧化碳；" ..
        "算力累计排放 %.0f 千克。", held, west, (hub:sum "solar_w" + hub:sum "wind_w") / 1000, hub:sum "kgco2_per_kwh", kg(twin)))
    end,
  },
  timeline = {
    ["+4h"] = function(twin, storage)
      if not storage.is_here then return end
      local done = drill.since(twin, storage, "bulk", "bulk")
      local reports, trainings = drill.since(twin, storage, "report", "report"), drill.since(twin, storage, "training", "training")
      twin:log(string.format("After four hours: %d of %d bulk answers and %d of %d trainings done, %d late; of %d reports %d in " ..
        "time; %.1f kg CO2.", done.answered, done.sent, trainings.answered, trainings.sent,
        done.answered - done.in_time + trainings.answered - trainings.in_time, reports.sent, reports.in_time, kg(twin)),
        string.format("四小时后：批量推理完成 %d/%d，训练完成 %d/%d，迟到 %d 个；%d 个报表中 %d 个按时；排放 %.1f 千克。",
        done.answered, done.sent, trainings.answered, trainings.sent,
        done.answered - done.in_time + trainings.answered - trainings.in_time, reports.sent, reports.in_time, kg(twin)))
    end,
  },
}
