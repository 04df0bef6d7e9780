-- A vendor brings a new version of the vision model every minute. The city puts each on the track of its risk; with the
-- fast track it is one step lower: no sandbox trial. Each version is deployed to the edge as soon as it is approved.
-- Not shown: what reviews and trials cost, and harm beyond traffic. How often a vendor's figures are too good is assumed.
local service = "signal-vision"
local quality = 0.97 -- declared by the vendor, of every version

-- The newest approved version, and how many are approved.
local function approved(twin)
  local newest, count = 0, 0
  for _, version in ipairs(twin:approvals { model = service, phase = "approved" }:column "version") do
    newest, count = math.max(newest, version), count + 1
  end
  return newest, count
end

return scenario {
  title = { en = "Approval by risk", zh = "按风险分级审批" },
  predict = { en = "Without sandbox trials new versions serve sooner. How many of them are worse than declared, and who notices?",
              zh = "取消沙盒试验，新版本更快上线。其中多少不如其声明？谁会察觉？" },
  lesson = { en = "It saves four fifths of the days and lets through what only a trial finds: more misread greens. " ..
             "Hardly anyone complains more: do not wait for that.",
             zh = "省下五分之四的时间，却放过只有试验才能发现的问题：误读绿灯增多，而投诉几乎不变，不能靠投诉发现。" },
  limits = { en = "What reviews and trials cost, and harm beyond traffic. How often figures are too good is assumed.",
             zh = "审查与试验的成本，以及交通之外的损害。虚报比例为假设。" },
  measures = { "ai.wrong_approvals", "ai.approval_days", "ai.complaints", "twin.signal_misread" },
  params = {
    param { id = "mechanism", type = "boolean", default = true, group = "scenario",
            label = { en = "Fast track", zh = "快速通道" } },
    param { id = "bad_share", type = "number", default = 0.3, min = 0, max = 1, step = 0.05, group = "scenario",
            label = { en = "Versions worse than declared", zh = "不如声明的版本比例" } },
    param { id = "reviewers", type = "integer", default = 2, min = 1, max = 20, group = "scenario",
            label = { en = "Reviewers", zh = "审查员" } },
  },
  on_start = function(twin, storage, p)
    -- A working day passes in three seconds: a review of ten days takes half a minute in the mean.
    twin:require_approval { reviewers = p.reviewers, day_s = 3, bad_share = p.bad_share, complaint_share = 0.05,
                            fast_track = p.mechanism }
    storage.version, storage.deployed = 2, 1
  end,
  every = {
    ["1min"] = function(twin, storage)
      if storage.version >= 12 then return end
      storage.version = storage.version + 1
      twin:release_model { model = service, version = storage.version, image_gb = 0.8, quality = quality }
      storage.is_released = true
    end,
    ["5s"] = function(twin, storage)
      if storage.is_released then
        storage.is_released = false
        twin:submit_model { model = service, version = storage.version, data = "personal", autonomy = "alone", reach = "city",
                            site = twin:sites { tier = "edge" }:column "name" [1] }
      end
      local newest = approved(twin)
      if newest > storage.deployed and twin:metric "ai.deployments" == 0 then
        storage.deployed = newest
        twin:deploy_model { model = service, version = newest, tier = "edge" }
      end
    end,
  },
  timeline = {
    ["+14min"] = function(twin)
      local _, count = approved(twin)
      local rejected = twin:approvals { model = service, phase = "rejected" }:count()
      local wrong = math.floor(twin:metric "ai.wrong_approvals")
      local days, complaints = twin:metric "ai.approval_days", math.floor(twin:metric "ai.complaints")
      twin:log(count .. " versions approved and " .. rejected .. " rejected after " .. string.format("%.1f", days) ..
        " working days in the mean; " .. wrong .. " of those approved are worse than declared; " .. complaints .. " complaints.",
        "批准 " .. count .. " 个版本，驳回 " .. rejected .. " 个，平均 " .. string.format("%.1f", days) ..
        " 个工作日；批准的版本中 " .. wrong .. " 个不如其声明；投诉 " .. complaints .. " 件。")
    end,
  },
}
