-- Cards are bought where they are cheapest a teraflop; in the fourth quarter an export rule shuts that door, and what is
-- bought from then on is domestic.
local programme = include "lib/programme"

return scenario {
  title = { en = "Domestic cards only", zh = "仅用国产卡" },
  predict = { en = "In the fourth quarter imports end. What has to be given up, and what not at all?",
              zh = "第四季度起进口中断。哪些必须放弃，哪些毫无影响？" },
  lesson = { en = "What is installed stays; what is ordered and not there yet is lost; domestic makers' queues set the pace then.",
             zh = "已装机的仍可用，在途订单作废；此后进度取决于国产厂商的排产。" },
  params = {
    param { id = "shock_quarter", type = "integer", default = 4, min = 1, max = 200, group = "scenario",
            label = { en = "Quarter of the export rule", zh = "出口管制生效季度" } },
    param { id = "cards_per_quarter", type = "integer", default = 16, min = 1, max = 4096, group = "scenario",
            label = { en = "Cards bought per quarter, at most", zh = "每季度购卡上限" } },
    table.unpack(programme.params),
  },
  quarter = function(twin, storage, p)
    programme.begin(twin, storage, p, false)
    storage.quarter = (storage.quarter or 0) + 1
    if storage.quarter == p.shock_quarter then
      twin:log("the rule of October 2023 holds from now on", "2023 年 10 月规则自此生效")
      twin:export_control { rule = "oct2023" }
    end
    programme.go_on(twin, storage, p, { "edge", "city" })
    local cloud = twin:sites { tier = "city" }:last()
    local card = storage.quarter < p.shock_quarter and "l40s" or "ascend-910b"
    if cloud then programme.buy_cards(twin, card, cloud, 1e6, p.cards_per_quarter) end
  end,
}
