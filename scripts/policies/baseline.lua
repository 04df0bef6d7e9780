-- What all policies do and nothing besides: parks are completed, models renewed after their approval. No card is bought.
local programme = include "lib/programme"

return scenario {
  title = { en = "Baseline", zh = "基准情景" },
  predict = { en = "Nothing is bought for the district. What moves productivity all the same?",
              zh = "街区不采购任何算力，生产率仍会因什么而变化？" },
  lesson = { en = "Compare every other policy with this one: what both have is not the policy's doing.",
             zh = "其他政策都应与此相比：两者共有的变化不是政策之功。" },
  params = { table.unpack(programme.params) },
  quarter = function(twin, storage, p)
    programme.begin(twin, storage, p, false)
    programme.go_on(twin, storage, p, { "edge", "city" })
  end,
}
