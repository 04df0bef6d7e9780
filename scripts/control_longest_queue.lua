-- Signal control of one's own: green for the phase with the longest queue, and for nobody longer than its maximum
-- while others wait. `jingwei benchmark SCENE --controls fixed,scripts/control_longest_queue.lua` compares it.
return scenario {
  title = { en = "Longest queue first", zh = "最长排队优先" },
  signals = {
    interval_s = 5,
    control = function(junction)
      local best, most = junction.now, -1
      for i, phase in ipairs(junction.phase) do
        local waiting = junction.queued[i]
        if phase == junction.now then
          waiting = waiting + junction.approaching[i] -- those that still get through
          if junction.elapsed_s >= junction.max_s[i] then waiting = 0 end
        end
        if waiting > most then best, most = phase, waiting end
      end
      return best
    end,
  },
}
