-- Eight consumers ask for the data of five sectors, all at once: an adapter for each pair, or one substrate for all. People
-- build the adapters in the order they were asked for; then what lies at the sources crosses the network.
local sectors = include "lib/sectors"

local function figures(twin)
  return math.floor(twin:metric "ai.integration_days" + 0.5), twin:metric "ai.time_to_data",
    math.floor(twin:metric "ai.consumers_complete" + 0.5), twin:metric "ai.exposure" / 1e6
end

return scenario {
  title = { en = "One fabric for the city's data", zh = "城市数据一张网" },
  predict = { en = "From how many consumers on does the substrate pay, and who is better protected?",
              zh = "需求方达到几家，统一底座才划算？哪种方式对个人信息保护更好？" },
  lesson = { en = "For eight consumers the substrate saves a fifth of the work and no time: its own building comes first. It joins " ..
             "what groups of k hide, and exposes more.",
             zh = "八个需求方时，底座省两成用工，但不省时间，因为要先建底座；它能关联匿名前的数据，但暴露更多。" },
  limits = { en = "Upkeep and law. Person-days of adapters and of the substrate are assumed.",
             zh = "运维与法规。适配器与底座的人日为假设。" },
  params = {
    param { id = "mechanism", type = "boolean", default = true, group = "scenario",
            label = { en = "Substrate instead of pairs", zh = "统一底座（否则点对点）" } },
    param { id = "consumers", type = "integer", default = 8, min = 1, max = 8, group = "scenario",
            label = { en = "Consumers who ask", zh = "申请数据的需求方" } },
    param { id = "group_of", type = "integer", default = 10, min = 1, max = 10000, group = "scenario",
            label = { en = "Persons are told in groups of", zh = "匿名分组人数 k" } },
  },
  measures = { "ai.integration_days", "ai.time_to_data", "ai.exposure" },
  lasts_min = 14,
  on_start = function(twin, _, p)
    local sources = twin:data_sources()
    if sources:count() == 0 then
      twin:log("This scene has no sectors: run it on scenes/district.lua.", "本场景没有数据行业：请使用 scenes/district.lua。")
      return
    end
    twin:wire_data { mode = p.mechanism and "fabric" or "point_to_point" }
    local ids, persons = sources:column "id", sources:column "persons"
    for i, id in ipairs(ids) do
      if persons[i] > 0 and p.group_of > 1 then twin:anonymise { source = id, k = p.group_of } end
    end
    for i = 1, p.consumers do twin:connect_source { consumer = sectors.consumers[i].id } end
  end,
  every = {
    ["1min"] = function(twin, storage, p)
      if storage.is_told or twin:data_consumers():count() == 0 then return end
      local days, wait, served, exposure = figures(twin)
      storage.minutes = (storage.minutes or 0) + 1
      if served < p.consumers and storage.minutes < 14 then return end
      storage.is_told = true
      local adapters, forbidden = twin:data_adapters():count(), math.floor(twin:metric "ai.uses_forbidden")
      twin:log(string.format("%d of %d consumers have all they may have, after %.0f working days in the mean; %d adapters and " ..
        "packages took %d person-days.", served, p.consumers, wait, adapters, days),
        string.format("%d/%d 个需求方数据齐备，平均 %.0f 个工作日；%d 个适配器与模块用工 %d 人日。", served, p.consumers, wait,
        adapters, days))
      twin:log(string.format("%.1f GB moved; exposure %.2f million person-records; %d uses are forbidden.",
        twin:metric "ai.data_moved", exposure, forbidden),
        string.format("传输 %.1f GB；暴露量 %.2f 百万人次；%d 项用途被禁止。", twin:metric "ai.data_moved", exposure, forbidden))
    end,
  },
}
