-- The fund completes the parks of the west before those of the east, each quarter as far as a share of its money goes.
local programme, parks = include "lib/programme", include "lib/parks"

local function western_first(a, b)
  if a.side ~= b.side then return a.side == "west" end
  return parks.cheaper(a, b)
end

return scenario {
  title = { en = "The west first", zh = "西部优先" },
  predict = { en = "When do the western parks lack nothing, and what becomes of productivity and of the gap to the east?",
              zh = "西部园区何时配齐？生产率与东西差距会怎样？" },
  lesson = { en = "Money that completes a park raises its output only where its lines lacked it: see OEE and Theil index.",
             zh = "补齐园区的投入，只有在产线确实受其制约时才提高产出：看设备综合效率与泰尔指数。" },
  params = { table.unpack(programme.params) },
  quarter = function(twin, storage, p)
    programme.begin(twin, storage, p, false)
    programme.go_on(twin, storage, p, { "edge", "city" }, western_first)
  end,
}
