-- The city's cloud is cut off at rush hour: what the edge serves goes on, what only the cloud serves waits for it.
local drill = include "lib/drill"

return scenario {
  title = { en = "The cloud is cut off", zh = "云端断链" },
  predict = { en = "What stops when the cloud is gone: the signals' vision, the drivers' questions, or both?",
              zh = "云端断链后什么会停：路口视觉、驾驶者提问，还是两者？" },
  lesson = { en = "Edge sites serve the junctions on; questions to the language model, which only the cloud has, are lost. " ..
             "Without edge services all fall back.",
             zh = "边缘节点继续服务路口；只有云端才有语言模型，提问会丢失。若边缘不提供服务，路口全部退回本地方案。" },
  measures = { "twin.signals_by_ai", "twin.requests_lost", "twin.p95" },
  lasts_min = function(p) return math.max(p.cut_minute, p.back_minute + 2) + 0.5 end,
  params = {
    param { id = "cut_minute", type = "number", default = 3, min = 1, max = 60, unit = "min", group = "scenario",
            label = { en = "Cut off after", zh = "断链时刻" } },
    param { id = "back_minute", type = "number", default = 8, min = 2, max = 120, unit = "min", group = "scenario",
            label = { en = "Back after", zh = "恢复时刻" } },
    param { id = "edge_serves", type = "boolean", default = true, group = "scenario",
            label = { en = "Edge sites serve", zh = "边缘节点提供服务" } },
  },
  on_start = function(twin, storage, p)
    storage.cloud = twin:sites { tier = "city" }:first()
    if not p.edge_serves then twin:set_policy { name = "cloud_only" } end
  end,
  every = {
    ["10s"] = function(twin, storage, p)
      if not storage.cloud then return end
      if drill.is_due(twin, storage, "is_cut", p.cut_minute) then
        storage.by_ai = twin:metric "twin.signals_by_ai"
        drill.since(twin, storage, "counts")
        twin:fail_node(storage.cloud)
      end
      if drill.is_due(twin, storage, "is_back", p.back_minute) then
        local since = drill.since(twin, storage, "counts")
        local by_ai = math.floor(twin:metric "twin.signals_by_ai" + 0.5)
        twin:log("Cut off: " .. since.in_time .. " of " .. since.sent .. " answers in time, " .. since.lost ..
          " lost; " .. by_ai .. " % of the junctions follow the camera, " .. math.floor(storage.by_ai + 0.5) .. " % before.",
          "断链期间：" .. since.sent .. " 个请求中 " .. since.in_time .. " 个按时应答，丢失 " .. since.lost .. " 个；" ..
          by_ai .. "% 的路口由视觉控制，断链前为 " .. math.floor(storage.by_ai + 0.5) .. "%。")
        twin:repair_node(storage.cloud)
      end
      if drill.is_due(twin, storage, "is_over", p.back_minute + 2) then
        local since = drill.since(twin, storage, "counts")
        local by_ai = math.floor(twin:metric "twin.signals_by_ai" + 0.5)
        twin:log("Two minutes after: " .. since.lost .. " of " .. since.sent .. " requests lost, " .. by_ai ..
          " % of the junctions follow the camera.",
          "恢复两分钟后：" .. since.sent .. " 个请求丢失 " .. since.lost .. " 个，" .. by_ai .. "% 的路口由视觉控制。")
      end
    end,
  },
}
