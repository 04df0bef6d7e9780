-- "AI lifts OEE by 15 to 25 %": models judge parts and listen to machines, or people judge and machines run until they fail.
-- It does not show what listening to machines is worth: they fail too rarely for a quarter of an hour. Times of people and
-- cycles are those of the lines (assumed), and decide what comes out.
local function means(twin, kind)
  local rows = twin:production_lines()
  local names, sums, count = rows:column "name", { 0, 0, 0, 0 }, 0
  for i, name in ipairs(names) do
    if (name:sub(1, 6) == "boards") == (kind == "boards") then
      count = count + 1
      for k, column in ipairs { "oee", "availability", "performance", "quality" } do
        sums[k] = sums[k] + 100 * rows:column(column)[i]
      end
    end
  end
  for k = 1, 4 do sums[k] = count > 0 and sums[k] / count or 0 end
  return sums, count
end

local function tell(twin, kind, en, zh)
  local m, count = means(twin, kind)
  if count == 0 then return end
  twin:log(string.format("%s: OEE %.1f %% = availability %.1f %% x performance %.1f %% x quality %.1f %% (means of %d).",
    en, m[1], m[2], m[3], m[4], count),
    string.format("%s：OEE %.1f%% = 时间开动率 %.1f%% × 性能开动率 %.1f%% × 合格率 %.1f%%（%d 条产线均值）。",
    zh, m[1], m[2], m[3], m[4], count))
end

return scenario {
  title = { en = "Does AI lift OEE by a fifth?", zh = "人工智能能让 OEE 提高两成吗？" },
  predict = { en = "Which of the three factors of OEE will a model change: availability, performance or quality?",
              zh = "模型会改变 OEE 三个因子中的哪一个：时间开动率、性能开动率还是合格率？" },
  lesson = { en = "The mean rises by a fifth: performance, where a person was slower than the machines. Elsewhere two points, " ..
             "of quality. The claim is about the bottleneck.",
             zh = "均值提高两成：几乎全来自人工检验拖慢节拍的产线；其余只升两点，来自合格率。成立与否看谁是瓶颈。" },
  limits = { en = "What listening to machines is worth: they fail too rarely. Times of people and cycles are assumed.",
             zh = "预测性维护的价值：故障太少。人工用时与节拍为假设。" },
  measures = { "economy.oee", "twin.decisions_inspection_harm", "twin.decisions_maintenance_harm", "economy.margin" },
  params = {
    param { id = "mechanism", type = "boolean", default = true, group = "scenario",
            label = { en = "Models inspect and predict failures", zh = "模型负责质检与预测性维护" } },
  },
  on_start = function(twin, _, p)
    twin:set_decider { kind = "inspection", by = p.mechanism and "model" or "human" }
    twin:set_decider { kind = "maintenance", by = p.mechanism and "model" or "none" }
  end,
  timeline = {
    ["+14min"] = function(twin)
      tell(twin, "boards", "Board lines, 16 s of a person in a cycle of 20 s", "电路板产线（节拍 20 秒，人工检 16 秒）")
      tell(twin, "other", "The fast line, 6 s of a person in a cycle of 4 s", "快节拍产线（节拍 4 秒，人工检 6 秒）")
      local judged = twin:decisions { kind = "inspection" }
      local stations = twin:stations()
      twin:log(string.format("%d parts judged by who decides, %d of them wrongly; %d machines failed, %d were serviced in time.",
        math.floor(judged:sum "decided"), math.floor(judged:sum "wrong"), math.floor(stations:sum "failures"),
        math.floor(stations:sum "services")),
        string.format("判定零件 %d 个，其中误判 %d 个；设备故障 %d 次，预先维护 %d 次。",
        math.floor(judged:sum "decided"), math.floor(judged:sum "wrong"), math.floor(stations:sum "failures"),
        math.floor(stations:sum "services")))
    end,
  },
}
