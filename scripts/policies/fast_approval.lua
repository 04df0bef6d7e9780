-- The baseline with the fast track: each version is one track lower, so that no version of vision goes through a trial.
local programme = include "lib/programme"

return scenario {
  title = { en = "Fast approval", zh = "快速审批" },
  predict = { en = "Without trials versions serve a quarter or two sooner. What does that bring, and what slips through?",
              zh = "取消试验，版本早上线一两个季度。带来什么，又放过什么？" },
  lesson = { en = "The gain lasts as long as the trial would have; a wrong approval lasts until somebody looks.",
             zh = "收益只持续省下的那段时间；错误的批准则一直持续到有人去查。" },
  params = { table.unpack(programme.params) },
  quarter = function(twin, storage, p)
    programme.begin(twin, storage, p, true)
    programme.go_on(twin, storage, p, { "edge", "city" })
  end,
}
