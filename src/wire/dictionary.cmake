# cmake -DIN=dictionary.txt -DOUT=dictionary.inc -P dictionary.cmake
# Turns the token list, one a line, into the lines of a C++ array.
file(STRINGS ${IN} tokens)
list(LENGTH tokens count)
if(NOT count EQUAL 1259)
  message(FATAL_ERROR "${IN}: ${count} tokens, but 235 single and 4 * 256 double ones make 1259")
endif()
list(TRANSFORM tokens REPLACE "^(.+)$" "    \"\\1\",")
list(JOIN tokens "\n" lines)
file(WRITE ${OUT} "${lines}\n")
