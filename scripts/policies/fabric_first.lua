-- The baseline, and the city's data first: in the first quarter all consumers of scripts/lib/sectors.lua are wired to a
-- substrate, persons are told in groups of ten. Once the factories' data are complete the inspection model is tuned on them
-- in the city's computing room, from what the city has; the version goes through approval like any other.
local programme = include "lib/programme"
local sectors = include "lib/sectors"

local function connect(twin)
  local sources = twin:data_sources()
  local ids, persons = sources:column "id", sources:column "persons"
  if #ids == 0 then return end
  twin:log("all consumers ask for data, by a substrate", "各需求方经统一底座申请数据")
  twin:wire_data { mode = "fabric" }
  for i, id in ipairs(ids) do
    if persons[i] > 0 then twin:anonymise { source = id, k = 10 } end
  end
  for _, consumer in ipairs(sectors.consumers) do twin:connect_source { consumer = consumer.id } end
end

-- Once: when what the factories have is there.
local function tune(twin, storage)
  local plant = twin:data_consumers { id = "plant-quality" }
  local days, site = plant:column "data_days" [1], twin:sites { tier = "city" }:column "name" [1]
  if storage.is_tuned or not days or days == 0 or not site then return end
  storage.is_tuned = true
  twin:log(string.format("the factories' data are there after %.0f working days", days),
    string.format("%.0f 个工作日后工厂数据齐备", days))
  twin:tune_model { model = "inspection-vision", data = "plant-quality", site = site, purpose = "production", epochs = 0.1 }
end

return scenario {
  title = { en = "Data first", zh = "数据优先" },
  predict = { en = "When is there the first model of the city's own data, and does a line notice?",
              zh = "第一个用本市数据训练的模型何时出现？产线能感受到吗？" },
  lesson = { en = "In the district the version of the city's own data waits for approval once more: lines are better a quarter " ..
             "later than with the vendor's.",
             zh = "在本街区，自有数据训练的版本须再次审批，比供应商版本晚一个季度见效。" },
  params = { table.unpack(programme.params) },
  quarter = function(twin, storage, p)
    if programme.begin(twin, storage, p, false) then connect(twin) else tune(twin, storage) end
    programme.go_on(twin, storage, p, { "edge", "city" })
  end,
}
