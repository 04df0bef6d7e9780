-- Camera and factory pictures flow from the edge to computers; at a set time the link of one edge site is cut.
return scenario {
  title = { en = "A fibre is cut", zh = "光纤中断" },
  predict = { en = "Which answers come late after the cut, and does any junction notice?",
              zh = "断纤后哪些应答会迟到？路口会察觉吗？" },
  lesson = { en = "The ring carries the load the other way round: latency rises, little is lost; without the ring the signals fall back.",
             zh = "环网反向承载：时延上升而丢失很少；没有环网，信号将退回本地方案。" },
  params = {
    param { id = "cut_minute", type = "number", default = 5, min = 1, max = 60, unit = "min", group = "scenario",
            label = { en = "Cut after", zh = "中断时刻" } },
    param { id = "repair_minute", type = "number", default = 15, min = 2, max = 120, unit = "min", group = "scenario",
            label = { en = "Repair after", zh = "修复时刻" } },
  },
  on_start = function(twin, storage)
    storage.begin_s = twin:time_s()
    storage.late, storage.lost = 0, 0
    local links = twin:links()
    storage.link = links:first()
  end,
  every = {
    ["10s"] = function(twin, storage, p)
      local minute = (twin:time_s() - storage.begin_s) / 60
      if storage.link and not storage.is_cut and minute >= p.cut_minute then
        storage.is_cut = true
        storage.p95_before_ms = twin:metric "twin.p95"
        twin:cut_link(storage.link)
        twin:log("95 of 100 answers came within " .. math.floor(storage.p95_before_ms + 0.5) .. " ms before the cut.",
          "断纤前 95% 的应答在 " .. math.floor(storage.p95_before_ms + 0.5) .. " 毫秒内到达。")
      end
      if storage.is_cut and not storage.is_repaired and minute >= p.repair_minute then
        storage.is_repaired = true
        twin:repair_link(storage.link)
        twin:log("So far " .. storage.late .. " answers late, " .. storage.lost .. " lost; now 95 of 100 within " ..
          math.floor(twin:metric "twin.p95" + 0.5) .. " ms.",
          "目前迟到 " .. storage.late .. " 个、丢失 " .. storage.lost .. " 个；现在 95% 的应答在 " ..
          math.floor(twin:metric "twin.p95" + 0.5) .. " 毫秒内。")
      end
    end,
  },
  on = {
    late_request = function(twin, storage, request) storage.late = storage.late + 1 end,
    lost_request = function(twin, storage, request) storage.lost = storage.lost + 1 end,
  },
}
