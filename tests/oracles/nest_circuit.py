"""Our neurons and connections in NEST: ``glif_psc`` with static synapses."""

import os
import warnings

import numpy as np


def import_nest():
    """Return the module, quiet; ImportError if it is not installed."""
    os.environ.setdefault("PYNEST_QUIET", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import nest
    nest.verbosity = nest.VerbosityLevel.ERROR
    return nest


def nest_neurons(nest, cells, tau_syn_ms, n_threads=1):
    """Start anew with neurons at rest and steps of 1 ms."""
    nest.ResetKernel()
    nest.local_num_threads = n_threads
    nest.resolution = 1.0
    neurons = nest.Create("glif_psc", len(cells.g_nS))
    neurons.set(
        [
            {
                "C_m": cells.C_m_pF[i],
                "g": cells.g_nS[i],
                "E_L": cells.E_L_mV[i],
                "V_m": cells.E_L_mV[i],
                "V_reset": cells.V_reset_mV[i],
                "V_th": cells.V_th_mV[i],
                "t_ref": cells.t_ref_ms[i],
                "asc_decay": cells.asc_decay_per_ms[i],
                "asc_amps": cells.asc_amp_pA[i],
                "asc_init": [0.0, 0.0],
                "asc_r": [1.0, 1.0],
                "after_spike_currents": True,
                "tau_syn": tau_syn_ms,
            }
            for i in range(len(cells.g_nS))
        ]
    )
    return neurons


def connect(nest, neurons, edges, gain):
    """Connect the neurons, with the recurrent weights times ``gain``."""
    first = neurons[0].global_id
    nest.Connect(
        edges.source.astype(int) + first,
        edges.target.astype(int) + first,
        "one_to_one",
        {
            "weight": gain * edges.weight_pA.astype(float),
            "delay": np.maximum(edges.delay_ms.astype(float), 1.0),
            "receptor_type": edges.receptor.astype(int) + 1,
        },
    )
