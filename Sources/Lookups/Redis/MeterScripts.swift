// SPDX-License-Identifier: MIT

/// What the Redis server runs for one operation on a meter, so that it is one step for all gateways. The same
/// rules as `MeterTable`'s; the time is the server's.
///
/// KEYS: the entry, and the table's index: entries by their last use, so that the least recently used can go.
/// ARGV: the time in milliseconds or -1 for the server's own, the table's greatest number of entries, what is
/// wanted, then the table's times.
enum MeterScripts {
    private static let prelude = """
        local now = tonumber(ARGV[1])
        if now < 0 then
          local time = redis.call('TIME')
          now = time[1] * 1000 + math.floor(time[2] / 1000)
        end
        local function text(number) return string.format('%.0f', number) end
        local function used(ttl, longest)
          if ttl then redis.call('PEXPIRE', KEYS[1], text(ttl)) end
          redis.call('ZADD', KEYS[2], text(now), KEYS[1])
          if longest then redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now - longest)) end
          local evicted = 0
          for turn = 1, 1000 do
            if redis.call('ZCARD', KEYS[2]) <= tonumber(ARGV[2]) then break end
            local oldest = redis.call('ZPOPMIN', KEYS[2])
            evicted = evicted + redis.call('DEL', oldest[1])
          end
          return evicted
        end

        """

    /// Further ARGV: the window. Answers the count, -1 for none, and how many entries had to go.
    static let throttle =
        prelude + """
            local window = tonumber(ARGV[4])
            local entry = redis.call('HMGET', KEYS[1], 's', 'c')
            local start, count = tonumber(entry[1]), tonumber(entry[2])
            local known = start and count and now >= start and now - start < window
            if not known then start = now; count = 0 end
            if ARGV[3] == 'fetch' then return { known and count or -1, 0 } end
            if ARGV[3] == 'query' then return { count + 1, 0 } end
            redis.call('HSET', KEYS[1], 's', text(start), 'c', text(count + 1))
            return { count + 1, used(start + window - now, window) }
            """

    /// Further ARGV: block, resubmit, inactivity. Answers 0 for new, 1 for early, 2 for passed; the wait in
    /// milliseconds; how many entries had to go.
    static let greylist =
        prelude + """
            local block, resubmit, inactivity = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
            local entry = redis.call('HMGET', KEYS[1], 'f', 'l', 'p')
            local first, last, passed = tonumber(entry[1]), tonumber(entry[2]), entry[3] == '1'
            if first and last then
              local over = passed and now - last >= inactivity or not passed and now - first >= resubmit
              if over or now < first then first = nil end
            end
            local state, wait = 2, 0
            if not first then
              first = now
              passed = block == 0
              if not passed then state = 0; wait = block end
            elseif not passed and now - first < block then
              state = 1
              wait = block - (now - first)
            else
              passed = true
            end
            if ARGV[3] == 'query' then return { state, wait, 0 } end
            redis.call('HSET', KEYS[1], 'f', text(first), 'l', text(now), 'p', passed and '1' or '0')
            local ttl = passed and inactivity or resubmit - (now - first)
            return { state, wait, used(ttl, math.max(resubmit, inactivity)) }
            """

    /// Further ARGV: a value or an amount. Answers what the key holds, and how many entries had to go.
    static let simple =
        prelude + """
            if ARGV[3] == 'fetch' then return { redis.call('GET', KEYS[1]), 0 } end
            if ARGV[3] == 'store' then
              redis.call('SET', KEYS[1], ARGV[4])
            else
              redis.call('INCRBY', KEYS[1], ARGV[4])
            end
            local value = redis.call('GET', KEYS[1])
            return { value, used(nil, nil) }
            """

    /// Answers how many there were.
    static let remove = """
        redis.call('ZREM', KEYS[2], KEYS[1])
        return redis.call('DEL', KEYS[1])
        """
}
