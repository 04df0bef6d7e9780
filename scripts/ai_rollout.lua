-- A new vision model is rolled out to the edge sites in waves; one site fails on the way.
return scenario {
  title = { en = "A model rolls out", zh = "模型分批上线" },
  predict = { en = "What does the failed site do to the rollout, and to its junctions?",
              zh = "故障节点会怎样影响上线过程和它负责的路口？" },
  lesson = { en = "Waves bound the damage: requests go to the next site, the rollout goes on or back by its health check.",
             zh = "分批限制了影响：请求转到其他节点，健康检查决定继续或回滚。" },
  params = {
    param { id = "wave", type = "integer", default = 2, min = 1, max = 20, group = "scenario",
            label = { en = "Sites per wave", zh = "每批节点数" } },
  },
  on_start = function(twin, storage) storage.victim = twin:sites { tier = "edge" }:last() end,
  timeline = {
    ["+1min"] = function(twin, storage, p) twin:deploy_model { model = "signal-vision", version = 2, wave = p.wave, tier = "edge" } end,
    ["+3min"] = function(twin, storage)
      if storage.victim then
        twin:fail_site(storage.victim)
        twin:log("Watch its junctions fall back to their own programme.", "请看它负责的路口退回本地方案。")
      end
    end,
    ["+9min"] = function(twin, storage)
      if storage.victim then twin:repair_site(storage.victim) end
    end,
  },
  every = {
    ["30s"] = function(twin, storage)
      local newest = math.floor(twin:metric "ai.sites_serving_newest")
      if storage.serving_newest and newest ~= storage.serving_newest then
        twin:log(newest .. " sites serve the newest model.", newest .. " 个节点已使用最新模型。")
      end
      storage.serving_newest = newest
    end,
  },
}
