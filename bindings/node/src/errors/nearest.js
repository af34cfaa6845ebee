"use strict"
/** The word that was meant: the nearest by Levenshtein's distance, at most three changes away. */
function distance(one, two) {
  let previous = Array.from({ length: two.length + 1 }, (_, index) => index)
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    for (let column = 1; column <= two.length; column++) {
      const change = one[row - 1] === two[column - 1] ? 0 : 1
      current[column] = Math.min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + change)
    }
    previous = current
  }
  return previous[two.length]
}

const MOST_CHANGES = 3

function nearest(word, words, most = MOST_CHANGES) {
  let found
  let least = most + 1
  for (const candidate of words) {
    if (Math.abs(candidate.length - word.length) >= least) continue
    const far = distance(word, candidate)
    if (far < least) {
      least = far
      found = candidate
    }
  }
  return found
}

module.exports = { nearest }
