# Chooses the slot that starts. Two copies of the boot state lie 512 KiB apart; the newer one holds, and each change is
# written over the older one, so that a power cut while writing costs that change and nothing else.
# `turn` goes 0, 1, 2, 0: of two copies the newer is the one that the other's turn leads to.

setenv copy1 0x48000000
setenv copy2 0x48010000
part number ${devtype} ${devnum} boot-state state_part
part start ${devtype} ${devnum} boot-state state_at
setexpr state_at2 ${state_at} + 0x400
${devtype} read ${copy1} ${state_at} 0x10
${devtype} read ${copy2} ${state_at2} 0x10

setenv turn none
setenv turn1 none
setenv turn2 none
if env import -c ${copy1} 0x2000 turn; then setenv turn1 ${turn}; fi
setenv turn none
if env import -c ${copy2} 0x2000 turn; then setenv turn2 ${turn}; fi

setenv newer 1
if test ${turn1} = none; then setenv newer 2; fi
if test ${turn1}${turn2} = 01; then setenv newer 2; fi
if test ${turn1}${turn2} = 12; then setenv newer 2; fi
if test ${turn1}${turn2} = 20; then setenv newer 2; fi

# With both copies unreadable the box still starts: slot A first, three tries each.
setenv order "a b"
setenv left_a 3
setenv left_b 3
setenv trial none
setenv turn 0
if test ${newer} = 1; then
  if test ${turn1} != none; then env import -c ${copy1} 0x2000 order left_a left_b trial turn; fi
  setenv older_at ${state_at2}
else
  if test ${turn2} != none; then env import -c ${copy2} 0x2000 order left_a left_b trial turn; fi
  setenv older_at ${state_at}
fi

setenv slot
setenv rest "${order}"
for s in ${rest}; do
  if test "x${slot}" = x; then
    setenv left 0
    if test ${s} = a; then setenv left ${left_a}; fi
    if test ${s} = b; then setenv left ${left_b}; fi
    if test ${left} -gt 0; then setenv slot ${s}; fi
  fi
done

if test "x${slot}" = x; then
  # Every slot has used its tries, or is marked bad. A box that tries again can be saved by a technician; one that stands
  # still cannot. What was never found healthy comes last.
  echo "engawa: no slot has a try left; both get three again"
  setenv left_a 3
  setenv left_b 3
  if test "${order}" = b; then setenv trial a; fi
  if test "${order}" = a; then setenv trial b; fi
  setenv order "a b"
  setenv slot a
  if test ${trial} = a; then
    setenv order "b a"
    setenv slot b
  fi
fi

if test ${slot} = a; then
  setexpr left_a ${left_a} - 1
else
  setexpr left_b ${left_b} - 1
fi
if test ${turn} = 0; then setenv next_turn 1; fi
if test ${turn} = 1; then setenv next_turn 2; fi
if test ${turn} = 2; then setenv next_turn 0; fi
setenv turn ${next_turn}
env export -c -s 0x2000 ${copy1} order left_a left_b trial turn
${devtype} write ${copy1} ${older_at} 0x10

echo "engawa: starting slot ${slot} (tries left: a ${left_a}, b ${left_b})"
part start ${devtype} ${devnum} boot-${slot} fit_at
part size ${devtype} ${devnum} boot-${slot} fit_size
${devtype} read 0x50000000 ${fit_at} ${fit_size}
# What the box's own bootloader knows of its console; the emulated machine has one kind.
test -n "${console_bootargs}" || setenv console_bootargs "console=ttyAMA0"
setenv bootargs "rauc.slot=${slot} engawa.slot=${slot} ro panic=5 ${console_bootargs}"
bootm 0x50000000#box 0x50000000#box ${fdtcontroladdr}
echo "engawa: slot ${slot} cannot be started"
reset
