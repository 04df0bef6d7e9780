-- What every policy of a roadmap does besides its own: the fund completes parks, and new versions of the vision models are
-- submitted for approval and, once approved, rolled out. Policies differ in the rest, so that they can be compared.
local parks = include "lib/parks"
local programme = {}

local models = { "signal-vision", "inspection-vision" }

programme.params = {
  param { id = "parks_per_quarter", type = "integer", default = 20, min = 0, max = 500, group = "scenario",
          label = { en = "Parks equipped per quarter", zh = "每季度配套园区数" } },
  param { id = "bad_share", type = "number", default = 0.2, min = 0, max = 1, step = 0.05, group = "scenario",
          label = { en = "Versions worse than declared", zh = "不如声明的版本比例" } },
}

-- What a vendor declares of every version from the third on, as of the second.
local declared = { ["signal-vision"] = { image_gb = 0.8, quality = 0.97 }, ["inspection-vision"] = { image_gb = 1.4, quality = 0.985 } }

-- The newest version that `model` has, and how it stands with its approval: nil, "review", "approved", ...
local function newest(twin, model)
  local version = math.max(0, table.unpack(twin:models { model = model }:column "version"))
  local phases = twin:approvals { model = model, version = version }:column "phase"
  return version, phases[#phases]
end

-- Submits what is new and deploys what is approved, to the sites of `tiers`; storage.rolling: what goes out this quarter.
function programme.renew(twin, storage, tiers)
  storage.deployed, storage.rolling = storage.deployed or {}, {}
  for _, model in ipairs(models) do
    local version, phase = newest(twin, model)
    local deployed = storage.deployed[model] or 1
    if phase == "rejected" then
      local d = declared[model]
      twin:log(model .. " " .. version .. " is rejected: the vendor brings another", model .. " 第 " .. version .. " 版被驳回：供应商另送一版")
      twin:release_model { model = model, version = version + 1, image_gb = d.image_gb, quality = d.quality }
    elseif version > deployed and not phase then
      twin:log(model .. " has version " .. version, model .. " 有第 " .. version .. " 版")
      twin:submit_model { model = model, version = version, data = "internal", autonomy = "alone", reach = "city" }
    elseif version > deployed and phase == "approved" then
      storage.deployed[model], storage.rolling[model] = version, true
      twin:log(model .. " " .. version .. " is approved", model .. " 第 " .. version .. " 版已获批")
      for _, tier in ipairs(tiers) do twin:deploy_model { model = model, version = version, tier = tier } end
    end
  end
end

-- The first quarter's: approval is needed from now on.
function programme.begin(twin, storage, p, is_fast)
  if storage.has_begun then return false end
  storage.has_begun = true
  twin:require_approval { bad_share = p.bad_share, fast_track = is_fast }
  return true
end

-- One quarter of what they share; `before` orders the parks.
function programme.go_on(twin, storage, p, tiers, before)
  programme.renew(twin, storage, tiers)
  parks.complete(twin, p.parks_per_quarter, before or parks.cheaper, " and is the cheapest left", "，为所余花费最少者")
end

-- As many cards as the city's money buys, less what it keeps for rollouts; ordered for a site, with the reason.
function programme.buy_cards(twin, card, site, keep_cny, most)
  local supply = twin:card_supply { card = card }
  local price = supply:column "price_cny" [1]
  local count = price and math.floor((twin:metric "economy.city_budget" - keep_cny) / price) or 0
  count = math.min(count, most)
  if count < 1 then return 0 end
  twin:log(count .. " x " .. card .. " for " .. site .. ": what the budget gives",
    "为 " .. site .. " 购 " .. count .. " 块 " .. card .. "：预算所及")
  twin:order_cards { card = card, site = site, count = count }
  return count
end

-- The mast that is farthest from all computing sites: where a new one shortens the ways most.
function programme.farthest_mast(twin)
  local sites, nodes = twin:sites {}, twin:cells {}
  local sx, sy = sites:column "x_m", sites:column "y_m"
  local x, y = nodes:column "x_m", nodes:column "y_m"
  local best, far = nil, -1
  for i = 1, #x do
    local near = math.huge
    for k = 1, #sx do near = math.min(near, (x[i] - sx[k]) * (x[i] - sx[k]) + (y[i] - sy[k]) * (y[i] - sy[k])) end
    if near > far then best, far = i, near end
  end
  if not best then return nil end
  return { x = x[best], y = y[best], distance_m = math.sqrt(far) }
end

return programme
