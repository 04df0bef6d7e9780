return scenario { title = 'x', routing = { choose = function() return 'city-cloud' end } }
