-- The same services, served by all sites together (each request goes where its answer is forecast first), by the cloud
-- alone or by the edge alone: through the rush, then with the cloud cut off, then whole again.
-- Not shown: what the sites cost to build, and requests that could wait for a better hour.
local drill = include "lib/drill"

local function tell(twin, storage, en, zh)
  local since = drill.since(twin, storage, "counts")
  local wh = twin:metric "twin.energy"
  local used = wh - (storage.wh or 0)
  storage.wh = wh
  twin:log(string.format("%s, %s: of %d requests %d late, %d lost; 95 %% under %.0f ms since the start; %.0f Wh.", storage.way, en,
    since.sent, since.late, since.lost, twin:metric "twin.p95", used),
    string.format("%s，%s：%d 个请求中迟到 %d 个，丢失 %d 个；自开始 95%% 在 %.0f 毫秒内；耗电 %.0f 瓦时。", storage.way_zh, zh,
    since.sent, since.late, since.lost, twin:metric "twin.p95", used))
end

return scenario {
  title = { en = "Edge-cloud continuum", zh = "云边协同" },
  predict = { en = "The same services by the edge alone, the cloud alone, or both: who is late, what is lost, and what does it draw?",
              zh = "同样的服务只靠边缘、只靠云或云边协同：谁会迟到、丢失多少、耗电多少？" },
  lesson = { en = "While all is up little differs, energy too. In a cut the continuum keeps its junctions; " ..
             "the cloud alone loses all, the edge alone has no language model.",
             zh = "一切正常时差别很小，耗电也相近。断链时协同保住路口；仅云全部丢失，仅边缘没有语言模型。" },
  limits = { en = "What the sites cost to build, and requests that could wait for a better hour.",
             zh = "各节点的建设成本，以及可以等待更好时段的请求。" },
  measures = { "twin.requests_lost", "twin.requests_late", "twin.p95", "twin.energy" },
  params = {
    param { id = "mechanism", type = "boolean", default = true, group = "scenario",
            label = { en = "Edge and cloud together", zh = "云边协同" } },
    param { id = "alone", type = "choice", default = "cloud_only", choices = { "cloud_only", "edge_only" }, group = "scenario",
            label = { en = "Else who serves", zh = "否则由谁服务" } },
  },
  on_start = function(twin, storage, p)
    storage.way = p.mechanism and "Continuum" or p.alone == "edge_only" and "Edge alone" or "Cloud alone"
    storage.way_zh = p.mechanism and "云边协同" or p.alone == "edge_only" and "仅边缘" or "仅云"
    storage.cloud = twin:sites { tier = "city" }:first()
    twin:set_policy { name = p.mechanism and "latency" or p.alone }
    drill.since(twin, storage, "counts")
    storage.wh = twin:metric "twin.energy"
  end,
  timeline = {
    ["+6min"] = function(twin, storage)
      tell(twin, storage, "in the rush", "高峰期间")
      if storage.cloud then twin:fail_node(storage.cloud) end
    end,
    ["+10min"] = function(twin, storage)
      tell(twin, storage, "with the cloud cut off", "云端断链期间")
      if storage.cloud then twin:repair_node(storage.cloud) end
    end,
    ["+14min"] = function(twin, storage) tell(twin, storage, "whole again", "恢复之后") end,
  },
}
