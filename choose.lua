return scenario { title = 'x', routing = { interval_s = 5, types = { 'signal' },
  choose = function(request, storage, p)
    storage.asked = (storage.asked or 0) + 1
    local best
    for i, name in ipairs(request.site) do
      if request.network_s[i] < 0 or request.load[i] > 1 or request.kgco2_per_kwh[i] <= 0
        or request.price_cny_per_kwh[i] <= 0 or request.compute_s[i] <= 0 then error 'odd' end
      if request.tier[i] == 'city' then best = i end
    end
    return best
  end } }
