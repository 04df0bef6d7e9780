-- The city's money goes into edge sites, each at the mast that is farthest from all the others; requests stay near.
local programme = include "lib/programme"

return scenario {
  title = { en = "The edge first", zh = "边缘优先" },
  predict = { en = "A new edge site each quarter, as long as money and distance ask for one. What gets faster, and for how long?",
              zh = "只要资金与距离允许，每季度新建一个边缘节点。什么会变快？能持续多久？" },
  lesson = { en = "In 4 km² no way is long: a latency is mostly radio and computing, and new sites only draw power. Try a larger map.",
             zh = "四平方公里内没有长路：时延主要来自无线与计算，新节点只是多耗电。请换更大的地图再试。" },
  params = {
    param { id = "site_cards", type = "integer", default = 8, min = 2, max = 64, group = "scenario",
            label = { en = "Cards per site", zh = "每节点加速卡" } },
    param { id = "spacing", type = "number", default = 400, min = 100, max = 5000, unit = "m", group = "scenario",
            label = { en = "No nearer to another site than", zh = "与其他节点的最小间距" } },
    table.unpack(programme.params),
  },
  quarter = function(twin, storage, p)
    if programme.begin(twin, storage, p, false) then
      twin:log("requests go to the nearest site", "请求由最近节点处理")
      twin:set_policy { name = "nearest" }
    end
    programme.go_on(twin, storage, p, { "edge", "city" })
    -- Where the cards of the last quarter's site have come, it takes up the models that the others serve.
    if storage.filled ~= storage.placed then
      storage.filled = storage.placed
      twin:log("edge-plan-" .. storage.placed .. " has its cards", "edge-plan-" .. storage.placed .. " 的加速卡已到位")
      for _, model in ipairs { "signal-vision", "inspection-vision" } do
        if not storage.rolling[model] then
          twin:deploy_model { model = model, version = storage.deployed[model] or 1, tier = "edge" }
        end
      end
    end
    local mast = programme.farthest_mast(twin)
    if mast and mast.distance_m >= p.spacing and twin:metric "economy.city_budget" >= 200000 + 12000 * p.site_cards + 1e5 then
      storage.placed = (storage.placed or 0) + 1
      local name = "edge-plan-" .. storage.placed
      twin:log(math.floor(mast.distance_m) .. " m to the nearest site is the farthest of all masts",
        "该基站距最近节点 " .. math.floor(mast.distance_m) .. " 米，为全市最远")
      twin:place_edge_site { name = name, x = mast.x, y = mast.y, count = 0 }
      twin:order_cards { card = "ascend-310p", site = name, count = p.site_cards }
    end
  end,
}
