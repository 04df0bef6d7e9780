-- Ten times as many questions as the servers can answer: with admission those that are taken are still answered in
-- time; without it all wait until they are late.
local drill = include "lib/drill"

return scenario {
  title = { en = "Overload", zh = "过载" },
  predict = { en = "Ten times too many ask: does a tenth get an answer, or nobody?",
              zh = "请求量达到能力的十倍：是十分之一得到应答，还是谁都得不到？" },
  lesson = { en = "Who cannot be answered in time is better told at once: otherwise everybody waits until it is too late for all.",
             zh = "不能按时应答的请求应立即拒绝：否则大家都排队，最后全部超时。" },
  measures = { "twin.requests_in_time", "twin.requests_late", "twin.requests_refused" },
  lasts_min = 10.5,
  params = {
    param { id = "calm", type = "number", default = 6, min = 0.1, max = 1000, unit = "1/s", group = "scenario",
            label = { en = "Questions that are carried", zh = "可承载的提问速率" } },
    param { id = "factor", type = "number", default = 10, min = 1, max = 100, unit = "×", group = "scenario",
            label = { en = "Overload", zh = "过载倍数" } },
    param { id = "admission", type = "number", default = 0.9, min = 0, max = 10, step = 0.1, group = "scenario",
            label = { en = "Admission (deadlines; 0: off)", zh = "准入阈值（截止期倍数，0 为关闭）" } },
  },
  on_start = function(twin, storage, p)
    twin:set_guard { type = "assistant", admission = p.admission }
    local x, y = twin:sites():mean "x_m", twin:sites():mean "y_m"
    if x then twin:place_crowd { name = "askers", type = "assistant", x = x, y = y, per_s = p.calm } end
  end,
  every = {
    ["10s"] = function(twin, storage, p)
      if drill.is_due(twin, storage, "is_warm", 2) then drill.since(twin, storage, "counts", "assistant") end
      if drill.is_due(twin, storage, "is_over", 5) then
        storage.calm = drill.since(twin, storage, "counts", "assistant").in_time / 180
        twin:set_crowd("askers", p.calm * p.factor)
      end
      if drill.is_due(twin, storage, "is_looked_at", 7) then drill.since(twin, storage, "counts", "assistant") end
      if drill.is_due(twin, storage, "is_calm", 10) then
        local since = drill.since(twin, storage, "counts", "assistant")
        twin:log("In time: " .. drill.per_s(since.in_time, 180) .. " a second of " .. drill.per_s(since.sent, 180) ..
          " that asked; " .. string.format("%.1f", storage.calm) .. " before the overload.",
          "过载时每秒 " .. drill.per_s(since.sent, 180) .. " 个提问中 " .. drill.per_s(since.in_time, 180) ..
          " 个按时应答；过载前为 " .. string.format("%.1f", storage.calm) .. " 个。")
        twin:set_crowd("askers", p.calm)
      end
    end,
  },
}
