-- The city's money goes into the computing room, and requests go there.
local programme = include "lib/programme"

return scenario {
  title = { en = "The cloud first", zh = "云优先" },
  predict = { en = "All money buys cards for the computing room, all requests go there. What becomes of lateness and energy?",
              zh = "资金全部用于机房加速卡，请求全部上云。超时率与能耗会怎样？" },
  lesson = { en = "Cards do not shorten the way: where deadlines are met anyway they only draw power and tie up capital.",
             zh = "加速卡缩短不了路程：本来就不超时的地方，多买卡只是多耗电、多占资金。" },
  params = {
    param { id = "cards_per_quarter", type = "integer", default = 64, min = 1, max = 4096, group = "scenario",
            label = { en = "Cards bought per quarter, at most", zh = "每季度购卡上限" } },
    table.unpack(programme.params),
  },
  quarter = function(twin, storage, p)
    if programme.begin(twin, storage, p, false) then
      twin:log("the cloud serves all", "全部由云服务")
      twin:set_policy { name = "cloud_only" }
    end
    programme.go_on(twin, storage, p, { "city" })
    local cloud = twin:sites { tier = "city" }:last()
    if cloud then programme.buy_cards(twin, "ascend-910b", cloud, 1e6, p.cards_per_quarter) end
  end,
}
