"""The model written down once more, edge by edge and term by term, in float64.

Nothing of the simulator room is used; only the propagators, which have a test of
their own. For one candidate and one task.
"""

import numpy as np

from evoplast.network.propagators import glif3_propagators

# (factor names, has a spike) in the order of the genome; R multiplies 12 to 23.
MONOMIALS = [
    lambda s_pre, s_post, x_pre, x_post: s_pre,
    lambda s_pre, s_post, x_pre, x_post: s_post,
    lambda s_pre, s_post, x_pre, x_post: x_pre,
    lambda s_pre, s_post, x_pre, x_post: x_post,
    lambda s_pre, s_post, x_pre, x_post: s_pre * s_post,
    lambda s_pre, s_post, x_pre, x_post: s_pre * x_pre,
    lambda s_pre, s_post, x_pre, x_post: s_pre * x_post,
    lambda s_pre, s_post, x_pre, x_post: s_post * x_pre,
    lambda s_pre, s_post, x_pre, x_post: s_post * x_post,
    lambda s_pre, s_post, x_pre, x_post: x_pre * x_post,
    lambda s_pre, s_post, x_pre, x_post: x_pre * x_pre,
    lambda s_pre, s_post, x_pre, x_post: x_post * x_post,
]
WITHOUT_SPIKE = (2, 3, 9, 10, 11)
# Which row of pre (types of the source), post or pair holds a term's coefficient.
ROW_OF_TERM = {
    0: ("pre", 0),
    2: ("pre", 1),
    5: ("pre", 2),
    10: ("pre", 3),
    1: ("post", 0),
    3: ("post", 1),
    8: ("post", 2),
    11: ("post", 3),
    4: ("pair", 0),
    6: ("pair", 1),
    7: ("pair", 2),
    9: ("pair", 3),
}


def coefficient(rule, candidate, term, pre_type, post_type):
    if term == 24:
        return rule.reward_alone[candidate]
    side, row = ROW_OF_TERM[term % 12]
    row += 4 * (term >= 12)
    if side == "pre":
        return rule.pre[candidate, row, pre_type]
    if side == "post":
        return rule.post[candidate, row, post_type]
    return rule.pair[candidate, row, pre_type, post_type]


def relative_change(rule, candidate, types, signals, reward, scale):
    total = 0.0
    for term in np.flatnonzero(rule.gates[candidate]):
        c = coefficient(rule, candidate, term, *types)
        if term == 24:
            total += c * scale * reward
            continue
        value = MONOMIALS[term % 12](*signals)
        value *= reward if term >= 12 else 1.0
        total += c * (scale if term % 12 in WITHOUT_SPIKE else 1.0) * value
    return total


class SlowSimulation:
    """One network with one rule; ``step`` advances it by 1 ms."""

    def __init__(self, network, rule, candidate, settings, gain, reward):
        self.network, self.rule, self.candidate = network, rule, candidate
        self.settings, self.gain = settings, gain
        self.p = glif3_propagators(network.cells, network.tau_syn_ms, 1.0)
        n = network.n_neurons
        self.v, self.x = np.zeros(n), np.zeros(n)
        self.asc = np.zeros((n, 2))
        self.waiting = np.zeros(n, int)
        self.y1, self.y2 = np.zeros((n, 4)), np.zeros((n, 4))
        self.reward = np.array(reward, float)
        self.w0 = np.abs(network.edges.weight_pA).astype(float)
        self.w = self.w0.copy()
        self.w_ref = self._mean_strengths()
        self.w_max = np.maximum(settings.bound_factor * self.w_ref, self.w0)
        self.past = []

    def _types(self, edge):
        kind, edges = self.network.cells.cell_type, self.network.edges
        return kind[edges.source[edge]], kind[edges.target[edge]]

    def _mean_strengths(self):
        n_edges = self.network.n_edges
        types = [self._types(e) for e in range(n_edges)]
        return np.array(
            [
                np.mean([self.w0[f] for f in range(n_edges) if types[f] == types[e]])
                for e in range(n_edges)
            ]
        )

    def _membranes(self, current_pA):
        cells, p = self.network.cells, self.p
        spikes = np.zeros(len(self.v))
        for i in range(len(self.v)):
            if self.waiting[i] > 0:
                self.waiting[i] -= 1
                continue
            mean_asc = np.sum(p.asc_stable[i] * self.asc[i])
            self.asc[i] *= p.asc_decay[i]
            self.v[i] = p.P33[i] * self.v[i] + p.P30[i] * (current_pA[i] + mean_asc)
            self.v[i] += np.sum(p.P31[i] * self.y1[i] + p.P32[i] * self.y2[i])
            if self.v[i] > cells.V_th_mV[i] - cells.E_L_mV[i]:
                spikes[i] = 1.0
                self.v[i] = cells.V_reset_mV[i] - cells.E_L_mV[i]
                kept = p.asc_refractory_decay[i] * self.asc[i]
                self.asc[i] = cells.asc_amp_pA[i] + kept
                self.waiting[i] = p.refractory_steps[i]
        return spikes

    def _synapses(self, spikes):
        edges, p = self.network.edges, self.p
        self.past.append(spikes)
        self.y2 = p.P21 * self.y1 + p.P22 * self.y2
        self.y1 = p.P11 * self.y1
        for e in range(self.network.n_edges):
            delay = max(1, int(np.floor(edges.delay_ms[e] + 0.5)))
            if delay >= len(self.past):
                continue
            port, sign = edges.receptor[e], np.sign(edges.weight_pA[e])
            arrived = self.past[-1 - delay][edges.source[e]]
            amount = sign * self.gain * self.w[e] * arrived
            self.y1[edges.target[e], port] += p.psc_initial[port] * amount

    def _plasticity(self, spikes):
        edges, s = self.network.edges, self.settings
        for e in range(self.network.n_edges):
            j, i = edges.source[e], edges.target[e]
            signals = (spikes[j], spikes[i], self.x[j], self.x[i])
            types = self._types(e)
            total = relative_change(
                self.rule,
                self.candidate,
                types,
                signals,
                self.reward[types[1]],
                s.continuous_term_scale,
            )
            cap = s.max_relative_change * self.w[e]
            delta = np.clip(s.eta * self.w_ref[e] * total, -cap, cap)
            self.w[e] = np.clip(self.w[e] + delta, 0.0, self.w_max[e])

    def step(self, current_pA):
        spikes = self._membranes(current_pA)
        self._synapses(spikes)
        self._plasticity(spikes)
        kind, c = self.network.cells.cell_type, self.candidate
        self.x += spikes - self.x / self.rule.tau_E_ms[c, kind]
        self.reward -= self.reward / self.rule.tau_R_ms[c]
        return spikes
