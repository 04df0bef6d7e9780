-- It begins to rain hard over a city whose vision model was made of dry days. What the model sees drifts away from what it
-- has learnt; with retraining a version made of the city as it is follows each time the distance has grown, by a canary.
-- Not shown: what a training costs and takes (tune_model does), and rain that ends again. How much quality drift costs, and
-- what rain counts as, is assumed.
local service = "signal-vision"
local quality = 0.92 -- as that of the version in service

return scenario {
  title = { en = "Drift and retraining", zh = "模型漂移与重训" },
  predict = { en = "It rains on a model made of dry days: how many greens are decided on a wrong count, and does one retraining do?",
              zh = "在晴天数据上训练的模型遇上暴雨：误读多少绿灯？重训一次够吗？" },
  lesson = { en = "Retraining follows the drift. Try a limit of errors of 0: the canary then holds the new version " ..
             "to dry days' figures and sends back what would mend it.",
             zh = "重训能跟上漂移。把错误上限设为 0 试试：灰度按晴天指标检查，会退回本可改善的新版本。" },
  limits = { en = "What a training costs and takes, and rain that ends. How much quality drift costs is assumed.",
             zh = "训练的成本与用时，以及雨停之后。漂移造成的质量损失为假设。" },
  measures = { "twin.signal_misread", "ai.transferred" },
  params = {
    param { id = "mechanism", type = "boolean", default = true, group = "scenario",
            label = { en = "Retraining", zh = "重训" } },
    param { id = "threshold", type = "number", default = 0.3, min = 0.05, max = 1, step = 0.05, group = "scenario",
            label = { en = "Distance that asks for it", zh = "触发重训的距离" } },
    param { id = "max_error", type = "number", default = 0.3, min = 0, max = 1, step = 0.05, group = "scenario",
            label = { en = "Errors a canary may make (0: as declared)", zh = "灰度允许错误率（0 为按声明）" } },
    param { id = "rain", type = "number", default = 20, min = 0.1, max = 100, unit = "mm/h", group = "scenario",
            label = { en = "Rain", zh = "降雨强度" } },
  },
  on_start = function(twin, storage)
    twin:require_approval { drift = 0.4, bad_share = 0 }
    storage.serving, storage.made = 1, 2
  end,
  every = {
    ["30s"] = function(twin, storage, p)
      local drift = twin:models { model = service, version = storage.serving }:column "drift" [1]
      storage.most = math.max(storage.most or 0, drift)
      if storage.is_released then -- of low risk by itself: it only follows the version that has approval
        storage.is_released, storage.serving = false, storage.made
        twin:submit_model { model = service, version = storage.made, data = "public", autonomy = "advises" }
      elseif storage.serving == storage.made and not storage.is_deployed then
        storage.is_deployed = true
        twin:deploy_model { model = service, version = storage.made, tier = "edge", canary = 0.3, sample = 60, max_error = p.max_error }
        twin:deploy_model { model = service, version = storage.made, tier = "city" }
      elseif p.mechanism and drift > p.threshold and twin:metric "ai.deployments" == 0 then
        storage.made, storage.is_released, storage.is_deployed = storage.made + 1, true, false
        twin:release_model { model = service, version = storage.made, image_gb = 0.6, quality = quality }
      end
    end,
  },
  timeline = {
    ["+6min"] = function(twin, storage, p)
      storage.misread = twin:metric "twin.signal_misread"
      twin:rain { rain_mm_per_h = p.rain, hours = 1 }
    end,
    ["+14min"] = function(twin, storage)
      local misread = math.floor(twin:metric "twin.signal_misread" - storage.misread)
      local now = twin:models { model = service, version = storage.serving }:column "drift" [1]
      twin:log(string.format(
        "In eight minutes of rain %d greens on a wrong count; %d versions made meanwhile; the distance is %.2f, at most it was %.2f.",
        misread, storage.made - 2, now, storage.most),
        string.format("降雨八分钟内误读绿灯 %d 次；期间重训 %d 个版本；当前漂移距离 %.2f，最大 %.2f。",
          misread, storage.made - 2, now, storage.most))
    end,
  },
}
