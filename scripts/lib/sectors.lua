-- The city's data: five sectors with ten sources at the sites of their owners, and eight consumers who want them. Nothing
-- moves before a scenario connects them. Who stands where, who may use what, and the people's work are assumptions; the
-- sources' figures are those of assets/catalog/sectors.lua, for the people who live in the city.
local lib = {}

lib.params = {
  param { id = "integrators", type = "integer", default = 6, min = 0, max = 1000, group = "data",
          label = { en = "Data integrators", zh = "数据集成人员" } },
  param { id = "work_day", type = "number", default = 8, min = 0.01, max = 86400, unit = "s", group = "data",
          label = { en = "Clock time of a working day of theirs", zh = "其一个工作日对应的仿真时长" } },
}

local owners = {
  { id = "tax", owner = "tax office 税务局", purposes = { "audit", "clearing", "planning" } },
  { id = "health", owner = "health commission 卫健委", purposes = { "care" } },
  { id = "logistics", owner = "carriers 物流企业", purposes = { "clearing", "operation", "planning", "production", "credit" } },
  { id = "transport", owner = "traffic police 交管局", purposes = { "planning", "operation", "care" } },
  { id = "industry", owner = "manufacturers 制造企业", purposes = { "production" } },
}

local sources = {
  { "tax-invoices", "tax", true }, { "tax-payroll", "tax", true }, { "clinic-visits", "health", true },
  { "pharmacy-sales", "health", true }, { "parcels", "logistics", true }, { "freight-orders", "logistics", false },
  { "camera-counts", "transport", false }, { "trips", "transport", true }, { "part-inspections", "industry", false },
  { "machine-sensors", "industry", false },
}

-- In the order in which they ask.
lib.consumers = {
  { id = "city-planning", purpose = "planning", sources = { "camera-counts", "trips", "parcels", "tax-payroll" } },
  { id = "clinic-triage", purpose = "care", joined = true, sources = { "clinic-visits", "pharmacy-sales" } },
  { id = "credit-scores", purpose = "credit", joined = true,
    sources = { "tax-invoices", "tax-payroll", "parcels", "freight-orders" } },
  { id = "customs-clearing", purpose = "clearing", joined = true, sources = { "tax-invoices", "freight-orders", "parcels" } },
  { id = "freight-routing", purpose = "operation", sources = { "camera-counts", "trips", "freight-orders", "parcels" } },
  { id = "plant-quality", purpose = "production", joined = true,
    sources = { "part-inspections", "machine-sensors", "freight-orders" } },
  { id = "epidemic-watch", purpose = "care", sources = { "clinic-visits", "pharmacy-sales", "trips" } },
  { id = "tax-audit", purpose = "audit", joined = true,
    sources = { "tax-invoices", "tax-payroll", "part-inspections", "freight-orders", "parcels" } },
}

function lib.build(city, p)
  local sites = city:sites()
  if #sites == 0 then return end
  local people = 0
  for _, block in ipairs(city:blocks {}) do people = people + block.people end
  people = math.max(1, math.floor(people))
  -- Owners and consumers stand at the sites in turn; the substrate at the first, the city's centre.
  local function site_of(i) return sites[(i - 1) % #sites + 1] end
  city:data_fabric { substrate = sites[1], integrators = p.integrators, day_s = p.work_day }
  local place = {}
  for i, owner in ipairs(owners) do
    city:sector(owner)
    place[owner.id] = i + 1
  end
  for _, source in ipairs(sources) do
    city:data_source { id = source[1], kind = source[1], sector = source[2], home = site_of(place[source[2]]),
                       persons = source[3] and people or 0 }
  end
  for i, consumer in ipairs(lib.consumers) do
    city:data_consumer { id = consumer.id, purpose = consumer.purpose, joined = consumer.joined, sources = consumer.sources,
                         site = site_of(i + 3), effort_days = 10 }
  end
end

return lib
