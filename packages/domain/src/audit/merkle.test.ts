/** The tree against the test vectors of RFC 6962's own implementation (google/certificate-transparency, merkletree/tree_test). */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import {
  consistencyProof,
  EMPTY_EDGE,
  grown,
  inclusionProof,
  leafHashOf,
  rootOf,
  verifiesConsistency,
  verifiesInclusion,
} from './merkle.ts';

const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((hex) =>
  leafHashOf(hexToBytes(hex)),
);
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
/** A leaf's place, a size, and the hashes from the leaf up. */
const INCLUSIONS = [
  { index: 0, size: 1, proof: [] },
  {
    index: 0,
    size: 8,
    proof: [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  },
  {
    index: 5,
    size: 8,
    proof: [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  },
  { index: 2, size: 3, proof: ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'] },
  {
    index: 1,
    size: 5,
    proof: [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  },
];
const CONSISTENCIES = [
  { first: 1, second: 1, proof: [] },
  {
    first: 1,
    second: 8,
    proof: [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  },
  {
    first: 6,
    second: 8,
    proof: [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  },
  {
    first: 2,
    second: 5,
    proof: [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  },
];

const rootAt = (size: number): Uint8Array => rootOf(grown(EMPTY_EDGE, LEAVES.slice(0, size)));

describe('the tree of RFC 6962', () => {
  it('has its roots at every size', () => {
    expect(ROOTS.map((_, size) => bytesToHex(rootAt(size)))).toEqual(ROOTS);
  });

  it.each(INCLUSIONS)('has its proof that leaf $index is in $size', ({ index, size, proof }) => {
    expect(inclusionProof(index, LEAVES.slice(0, size)).map(bytesToHex)).toEqual(proof);
    const leafHash = LEAVES[index] ?? new Uint8Array();
    expect(verifiesInclusion({ index, size, leafHash, root: rootAt(size), proof: proof.map(hexToBytes) })).toBe(true);
  });

  it.each(CONSISTENCIES)('has its proof that $second goes on from $first', ({ first, second, proof }) => {
    expect(consistencyProof(first, LEAVES.slice(0, second)).map(bytesToHex)).toEqual(proof);
    const roots = { firstRoot: rootAt(first), secondRoot: rootAt(second) };
    expect(verifiesConsistency({ first, second, ...roots, proof: proof.map(hexToBytes) })).toBe(true);
  });

  it('has no proof for what is not there', () => {
    expect(() => inclusionProof(8, LEAVES)).toThrow('leaf: expected 0 to 7, got 8');
    expect(() => consistencyProof(0, LEAVES)).toThrow('size: expected 1 to 8, got 0');
    expect(() => consistencyProof(9, LEAVES)).toThrow('size: expected 1 to 8, got 9');
  });
});
