-- A crowd comes within a minute and asks; instances of the language model follow the load, when their cards are free.
local drill = include "lib/drill"

return scenario {
  title = { en = "A flash crowd asks", zh = "突发人群提问" },
  predict = { en = "Are new instances there before the crowd has gone?",
              zh = "新实例能在人群散去之前就绪吗？" },
  lesson = { en = "An instance takes its time to load; what comes meanwhile is refused or waits. Idle " ..
             "instances cost power before and after.",
             zh = "实例加载需要时间，其间到来的请求被拒绝或排队；空闲实例则前后都在耗电。" },
  measures = { "compute.queued", "twin.requests_late", "twin.requests_refused", "twin.p95" },
  params = {
    param { id = "calm", type = "number", default = 1, min = 0, max = 1000, unit = "1/s", group = "scenario",
            label = { en = "Questions before", zh = "平时提问速率" } },
    param { id = "crowd", type = "number", default = 20, min = 0, max = 10000, unit = "1/s", group = "scenario",
            label = { en = "Questions of the crowd", zh = "突发提问速率" } },
    param { id = "instances", type = "integer", default = 16, min = 1, max = 1000, group = "scenario",
            label = { en = "Instances at most", zh = "实例上限" } },
    param { id = "least", type = "integer", default = 1, min = 0, max = 1000, group = "scenario",
            label = { en = "Instances at least", zh = "实例下限" } },
  },
  on_start = function(twin, storage, p)
    storage.site = twin:sites { tier = "city" }:first()
    twin:set_scaling { service = "city-llm", min = p.least, max = math.max(p.least, p.instances), cooldown_s = 60 }
    twin:set_guard { type = "assistant", admission = 1 }
    local x, y = twin:sites():mean "x_m", twin:sites():mean "y_m"
    if x then twin:place_crowd { name = "crowd", type = "assistant", x = x, y = y, per_s = p.calm } end
  end,
  timeline = {
    ["+5min"] = function(twin, storage, p)
      drill.since(twin, storage, "counts", "assistant")
      twin:set_crowd("crowd", p.crowd)
    end,
    ["+10min"] = function(twin, storage, p)
      local since = drill.since(twin, storage, "counts", "assistant")
      local instances = math.floor(twin:sites { name = storage.site or "" }:sum "instances")
      twin:log("Of " .. since.sent .. " questions " .. since.in_time .. " in time, " .. since.refused .. " refused; " ..
        instances .. " instances at the cloud now.",
        since.sent .. " 个提问中 " .. since.in_time .. " 个按时应答，拒绝 " .. since.refused .. " 个；云端现有 " ..
        instances .. " 个实例。")
      twin:set_crowd("crowd", p.calm)
    end,
  },
}
