-- A general model, twice as large, in the city's computing room, against a small one at the edge that has learnt from the
-- city's own junctions. The small one is tuned first: its data cross the network, its training takes a free card.
-- Not shown: who labels the pictures and what that costs, and what either model knows of other cities. How excess loss
-- becomes wrong counts is assumed (assets/catalog/tuning.lua).
local service, data = "signal-vision", "junction-pictures"

-- Of 1000 greens, how many were chosen on a wrong count since the last call.
local function misread_of_1000(twin, storage)
  local decisions, misread = twin:metric "twin.decisions_signal", twin:metric "twin.signal_misread"
  local share = (misread - (storage.misread or 0)) / math.max(1, decisions - (storage.decisions or 0))
  storage.decisions, storage.misread = decisions, misread
  return math.floor(1000 * share + 0.5)
end

local function newest(twin)
  local version = 0
  for _, number in ipairs(twin:models { model = service }:column "version") do version = math.max(version, number) end
  return version
end

return scenario {
  title = { en = "Vertical model against general model", zh = "垂直模型与通用模型" },
  predict = { en = "A small model that knows these junctions, or one 13 times as large that knows all: who misreads fewer, who is quicker?",
              zh = "熟悉本地路口的小模型，与规模是其 13 倍的通用大模型，谁误读更少、谁更快？" },
  lesson = { en = "On 4 GB of its own junctions the small one is worth the large one and answers in a third of the time, which " ..
             "signals do not need: nothing is won here.",
             zh = "用 4 GB 本地数据微调后，小模型与大模型相当，时延仅三分之一；但信控并不需要这么快，这里并无收益。" },
  limits = { en = "Who labels the pictures, what that costs, and other cities. How excess loss becomes wrong counts is assumed.",
             zh = "图像由谁标注、成本多少，以及其他城市。损失如何变成误读是假设。" },
  measures = { "twin.signal_misread", "twin.p95", "twin.energy" },
  params = {
    param { id = "mechanism", type = "boolean", default = true, group = "scenario",
            label = { en = "Vertical model at the edge", zh = "边缘垂直模型" } },
    param { id = "data_gb", type = "number", default = 4, min = 0.1, max = 100, unit = "GB", group = "scenario",
            label = { en = "Pictures of the city's junctions", zh = "本市路口图像" } },
  },
  on_start = function(twin, storage, p)
    storage.cloud = twin:sites { tier = "city" }:first()
    if not storage.cloud then return end
    twin:keep_data { name = data, sector = "transport", site = storage.cloud, gb = p.data_gb }
    twin:resize_model { model = service, version = 1, factor = p.mechanism and 0.15 or 2 }
  end,
  timeline = {
    ["+1min"] = function(twin, storage, p)
      if not storage.cloud then return end
      if p.mechanism then
        twin:tune_model { model = service, version = newest(twin), data = data, site = storage.cloud, purpose = "signals" }
      else
        twin:set_policy { name = "cloud_only", type = "signal" }
        twin:deploy_model { model = service, version = newest(twin), tier = "city" }
      end
    end,
    ["+8min"] = function(twin, storage) misread_of_1000(twin, storage) end,
    ["+14min"] = function(twin, storage, p)
      if not storage.cloud then return end
      local misread = misread_of_1000(twin, storage)
      local version = twin:models { model = service, version = newest(twin) }
      local p50 = twin:request_types { type = "signal" }:column "p50_ms" [1]
      local quality, en, zh = version:column "quality" [1], "General model in the cloud", "云端通用模型"
      if p.mechanism then en, zh = "Vertical model at the edge", "边缘垂直模型" end
      twin:log(string.format("%s, quality %.3f: of 1000 greens %d on a wrong count; median answer in %.1f ms, since the start.", en,
        quality, misread, p50),
        string.format("%s，质量 %.3f：每 1000 次放行有 %d 次误读；自开始应答中位数 %.1f 毫秒。", zh, quality, misread,
        p50))
    end,
  },
  every = {
    ["10s"] = function(twin, storage, p)
      if not p.mechanism or storage.is_deployed or twin:metric "ai.tuned" == 0 then return end
      storage.is_deployed = true
      local tuning = twin:tunings()
      twin:log(string.format("Tuned in %.0f s of training on %.1f GB.", tuning:column "trained_s" [1], tuning:column "data_gb" [1]),
        string.format("用 %.1f GB 数据训练 %.0f 秒，微调完成。", tuning:column "data_gb" [1], tuning:column "trained_s" [1]))
      twin:set_policy { name = "edge_only", type = "signal" }
      twin:deploy_model { model = service, version = newest(twin), tier = "edge" }
    end,
  },
}
