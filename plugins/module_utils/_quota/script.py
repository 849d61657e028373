# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: what the throttle does on a Redis server, in Lua, by the server's clock.

The log is one list: a header with the floor, the generation and the moment of the last change, and then the slots, the
latest first. It has no expiry: the keys that have one are what ``volatile-*`` evicts, a ``volatile-ttl`` those first
that live shortest. A log that is not there, or not as it was left, proves nothing: it is begun anew as a full window.
"""

from __future__ import annotations

from ansible_collections.alicloud.chatapp.plugins.module_utils._quota.log import (
    CLOCK_TOLERANCE,
    HIGHEST_LIMIT,
    HORIZON,
    MICROSECONDS,
)

# The package takes several times as long for a list of numbers as for a text of them, on the way there and back.
_HEADER = f"""
local key = KEYS[1]
local given = {{}}
for number in string.gmatch(ARGV[1] or '', '%S+') do given[#given + 1] = tonumber(number) end
-- Lua's own conversion to text would lose microseconds.
local function text(number) return string.format('%.0f', number) end
local function said(numbers)
  for index = 1, #numbers do numbers[index] = text(numbers[index]) end
  return table.concat(numbers, ' ')
end
local time = redis.call('TIME')
local now = time[1] * {MICROSECONDS} + time[2]
local header = redis.call('LINDEX', key, 0) or ''
local floor, generation, written = string.match(header, '^(%d+) (%d+) (%d+)$')
floor, generation, written = tonumber(floor), tonumber(generation), tonumber(written)
"""

# Answers, as all of them, by a text of numbers: the server's clock, the floor, the generation and the newest slot, 0
# where there is none.
LOOK = (
    _HEADER
    + """
return said({now, floor or 0, generation or 0, generation and tonumber(redis.call('LINDEX', key, 1) or 0) or 0})
"""
)

# Arguments of both, in one text: the limit, the generation that the caller wrote in and the newest slot it wrote (0
# if none), and a generation that is void because the caller saw the clock step.
_CHANGE = (
    _HEADER
    + f"""
local limit, mine, newest, void = unpack(given)
local function at(index)
  local moment = tonumber(redis.call('LINDEX', key, index) or 0)
  -- Not for what is no number: such a moment is damage, as one too far away.
  return moment and moment >= 0 and moment or math.huge
end
local function change(slots)
  redis.call('LPOP', key)
  slots[#slots + 1] = text(floor) .. ' ' .. text(generation) .. ' ' .. text(now)
  redis.call('LPUSH', key, unpack(slots))
end
local lost = mine > 0 and (not generation or generation == mine and at(1) < newest)
if lost or not generation or generation == void or now < written - {CLOCK_TOLERANCE}
    or math.max(floor, at(1), at(limit)) > now + {HORIZON} then
  floor, generation = now, now
  local full = {{}}
  for index = 1, {HIGHEST_LIMIT} do full[index] = text(now) end
  redis.call('DEL', key)
  redis.call('RPUSH', key, '', unpack(full))
  change({{}})
end
"""
)

# Further arguments: the pause, the least distance of the slot, the longest queue, how many slots, how far ahead of now
# they have to be, and how uncertain the caller's clock is beyond the guard: so far its slots keep away from others'.
# Answers as LOOK, and then: whether the log was lost, whether the first slot comes late enough, how long its queue is,
# the first slot, and all slots that were reserved.
RESERVE = (
    _CHANGE
    + f"""
local pause, not_before, max_wait, count, ahead, apart = unpack(given, 5)
local slot, slots, answer = at(1), {{}}, {{}}
local granted, queue, first
for index = 1, count do
  -- No two slots are of one moment, so that a replica that lacks but the newest is seen to be behind.
  slot = math.max(now + ahead + apart, floor, slot + 1, at(limit + 1 - index) + pause + 2 * apart)
  local distance = slot - now
  -- The window that counts as full because the log was begun anew is no queue, and the way to here is none either,
  -- nor are the microseconds between slots that are reserved at once.
  local length = slot <= generation + pause + 2 * apart and 0 or distance - ahead - apart - (index - 1)
  if index == 1 then granted, queue, first = distance - apart >= not_before, length, slot end
  if not granted or length > max_wait then break end
  slots[index], answer[index] = text(slot), slot
end
if #slots > 0 then
  change(slots)
  redis.call('LTRIM', key, 0, {HIGHEST_LIMIT})
end
return said({{now, floor, generation, at(1), lost and 1 or 0, granted and 1 or 0, queue, first, unpack(answer)}})
"""
)

# A further argument: microseconds from now within which nobody may have a slot.
# Answers as LOOK, and whether the log was lost.
PUSH_BACK = (
    _CHANGE
    + """
floor = math.max(floor, now + given[5])
change({})
return said({now, floor, generation, at(1), lost and 1 or 0})
"""
)
