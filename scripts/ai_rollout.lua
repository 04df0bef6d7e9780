-- A new vision model is rolled out to the edge sites in waves, then to the cloud; one site fails on the way.
local drill = include "lib/drill"

local function misread_of_1000(twin, storage)
  local decisions, misread = twin:metric "twin.decisions_signal", twin:metric "twin.signal_misread"
  local share = (misread - storage.misread) / math.max(1, decisions - storage.decisions)
  storage.decisions, storage.misread = decisions, misread
  return math.floor(1000 * share + 0.5)
end

return scenario {
  title = { en = "A model rolls out", zh = "模型分批上线" },
  predict = { en = "What does the failed site do to the rollout, and to its junctions?",
              zh = "故障节点会怎样影响上线过程和它负责的路口？" },
  lesson = { en = "Waves bound the damage: requests go to the next site, junctions of its masts fall back, " ..
             "the rollout goes on by its health check.",
             zh = "分批限制了影响：请求转到其他节点，其基站下的路口退回本地方案，健康检查让上线继续。" },
  measures = { "ai.sites_serving_newest", "ai.transferred", "twin.signals_by_ai" },
  params = {
    param { id = "wave", type = "integer", default = 1, min = 1, max = 20, group = "scenario",
            label = { en = "Sites per wave", zh = "每批节点数" } },
  },
  on_start = function(twin, storage)
    storage.victim = twin:sites { tier = "edge" }:last()
    storage.decisions, storage.misread = 0, 0
  end,
  timeline = {
    ["+3min"] = function(twin, storage, p)
      storage.before = misread_of_1000(twin, storage)
      twin:deploy_model { model = "signal-vision", version = 2, wave = p.wave, tier = "edge" }
    end,
    ["+4min"] = function(twin, storage)
      if not storage.victim then return end
      storage.by_ai = math.floor(twin:metric "twin.signals_by_ai" + 0.5)
      drill.since(twin, storage, "counts")
      twin:fail_node(storage.victim)
    end,
    ["+6min"] = function(twin, storage)
      if not storage.victim then return end
      local since = drill.since(twin, storage, "counts")
      local by_ai = math.floor(twin:metric "twin.signals_by_ai" + 0.5)
      twin:log(storage.victim .. " is gone: " .. since.lost .. " of " .. since.sent .. " requests lost; " .. by_ai ..
        " % of the junctions follow the camera, " .. storage.by_ai .. " % before.",
        storage.victim .. " 故障：" .. since.sent .. " 个请求丢失 " .. since.lost .. " 个；" .. by_ai ..
        "% 的路口由视觉控制，之前为 " .. storage.by_ai .. "%。")
      twin:repair_node(storage.victim)
    end,
    ["+7min"] = function(twin) twin:deploy_model { model = "signal-vision", version = 2, tier = "city" } end,
    ["+8min"] = function(twin, storage) misread_of_1000(twin, storage) end,
    ["+11min"] = function(twin, storage)
      local after = misread_of_1000(twin, storage)
      twin:log("Of 1000 decisions " .. after .. " on a wrong count now, " .. storage.before .. " before the rollout.",
        "现在每 1000 次决策有 " .. after .. " 次误判，上线前为 " .. storage.before .. " 次。")
    end,
  },
  every = {
    ["30s"] = function(twin, storage)
      local serving = 0
      for _, sites in ipairs(twin:deployments { model = "signal-vision", version = 2 }:column "serving") do
        serving = serving + sites
      end
      if serving ~= (storage.serving or 0) then
        twin:log("Sites with version 2 of the vision model: " .. serving .. ".", serving .. " 个节点已使用视觉模型第 2 版。")
      end
      storage.serving = serving
    end,
  },
}
