-- No card is bought: models are made smaller instead, and the small ones are rolled out once they are approved.
local programme = include "lib/programme"

return scenario {
  title = { en = "Frugal", zh = "节俭算法" },
  predict = { en = "Models are compressed to INT8 instead of buying cards. What does the city lose, and what does it save?",
              zh = "不买卡，改为把模型压缩到 INT8。城市损失什么，又节省什么？" },
  lesson = { en = "Compare with the baseline: the lost quality shows in parts and greens, the saving in images and memory.",
             zh = "与基准相比：质量损失体现在零件与绿灯上，节省体现在镜像与显存上。" },
  params = {
    param { id = "method", type = "choice", default = "int8", group = "scenario",
            choices = { "int8", "fp8", "int4-awq", "sparse-2-4", "distilled" },
            label = { en = "Compression", zh = "压缩方法" } },
    table.unpack(programme.params),
  },
  quarter = function(twin, storage, p)
    if programme.begin(twin, storage, p, false) then
      twin:log("smaller models instead of more cards", "以小模型代替更多加速卡")
      for _, model in ipairs { "signal-vision", "inspection-vision" } do
        local newest = math.max(0, table.unpack(twin:models { model = model }:column "version"))
        twin:compress_model { model = model, version = newest, method = p.method }
      end
      return
    end
    programme.go_on(twin, storage, p, { "edge", "city" })
  end,
}
