import { describe, expect, it } from 'vitest';
import type { Areas } from '../../../cloud-stub/contracts/areas.ts';
import type { OriginArea } from '../../../cloud-stub/contracts/toll-free.ts';
import { areas } from '../../../cloud-stub/numbering/index.ts';
import { japan } from '../../../cloud-stub/numbering/japan.ts';

const region = (name: string): OriginArea => ({ area: 'region', name });
const prefecture = (name: string): OriginArea => ({ area: 'prefecture', name });
const chargeArea = (name: string): OriginArea => ({ area: 'chargeArea', name });
const all: OriginArea = { area: 'japan' };

describe('the areas of Japan', () => {
  it('serves the rules of contracts as their map', () => {
    const map: Areas = areas;
    expect(map.prefectureOf('相模原')).toBe('神奈川県');
    expect(map.prefectureOf('町田')).toBeUndefined();
  });

  it('has the eight regions and the two halves, each prefecture in one of each [S2-021]', () => {
    expect(areas.regions).toEqual([
      '北海道',
      '東北',
      '関東',
      '中部',
      '近畿',
      '中国',
      '四国',
      '九州',
      '東日本',
      '西日本',
    ]);
    const sizes = new Map<string, number>();
    for (const one of japan.prefectures.values()) sizes.set(one.region, (sizes.get(one.region) ?? 0) + 1);
    expect([...sizes.values()]).toEqual([1, 6, 7, 9, 7, 5, 4, 8]);
    const east = [...japan.prefectures.values()].filter((one) => one.side === 'east');
    expect(east.length).toBe(17);
  });

  it('counts western Japan in all Japan, and every area too [S2-020]', () => {
    for (const name of areas.regions) expect(areas.covers(all, region(name)), name).toBe(true);
    for (const name of japan.prefectures.keys()) expect(areas.covers(all, prefecture(name)), name).toBe(true);
    for (const name of japan.chargeAreas.keys()) expect(areas.covers(all, chargeArea(name)), name).toBe(true);
    expect(areas.covers(region('西日本'), prefecture('沖縄県'))).toBe(true);
    expect(areas.covers(region('西日本'), all)).toBe(false);
  });

  it('divides Japan into an eastern and a western half without a rest [S2-020]', () => {
    const east = areas.members(region('東日本'));
    const west = areas.members(region('西日本'));
    expect(east.size + west.size).toBe(japan.chargeAreas.size);
    expect(areas.overlaps(region('東日本'), region('西日本'))).toBe(false);
    expect(
      [...'静岡県 岐阜県 富山県'.split(' ')].map((one) => areas.covers(region('西日本'), prefecture(one))),
    ).toEqual([true, true, true]);
    expect(
      [...'新潟県 長野県 山梨県'.split(' ')].map((one) => areas.covers(region('東日本'), prefecture(one))),
    ).toEqual([true, true, true]);
  });

  it('nests nation, region, prefecture and charge area [S2-021]', () => {
    expect(areas.covers(region('関東'), prefecture('東京都'))).toBe(true);
    expect(areas.covers(region('関東'), chargeArea('相模原'))).toBe(true);
    expect(areas.covers(prefecture('神奈川県'), chargeArea('相模原'))).toBe(true);
    expect(areas.covers(prefecture('東京都'), chargeArea('相模原'))).toBe(false);
    expect(areas.covers(chargeArea('相模原'), prefecture('神奈川県'))).toBe(false);
    expect(areas.covers(region('東日本'), region('関東'))).toBe(true);
    expect(areas.covers(chargeArea('東京'), chargeArea('東京'))).toBe(true);
    expect(areas.covers(region('北海道'), prefecture('北海道'))).toBe(true);
    expect(areas.covers(prefecture('北海道'), region('北海道'))).toBe(true);
  });

  it('sees that areas share callers though neither lies in the other [S2-040]', () => {
    expect(areas.overlaps(region('中部'), region('東日本'))).toBe(true);
    expect(areas.covers(region('中部'), region('東日本'))).toBe(false);
    expect(areas.covers(region('東日本'), region('中部'))).toBe(false);
    expect(areas.overlaps(region('関東'), region('近畿'))).toBe(false);
    expect(areas.overlaps(prefecture('東京都'), chargeArea('八王子'))).toBe(true);
  });

  it('knows no other names', () => {
    for (const area of [region('関西'), prefecture('東京'), chargeArea('町田')]) {
      expect(areas.known(area)).toBe(false);
      expect(areas.covers(all, area)).toBe(false);
      expect(areas.overlaps(all, area)).toBe(false);
    }
    expect(areas.known(all)).toBe(true);
    expect(areas.known(region('西日本'))).toBe(true);
  });

  it('places a caller of a known prefecture and unknown charge area in the prefecture and above only [S2-023]', () => {
    const mobile = { chargeArea: null, prefecture: '神奈川県' };
    expect(areas.holds(all, mobile)).toBe(true);
    expect(areas.holds(region('関東'), mobile)).toBe(true);
    expect(areas.holds(region('東日本'), mobile)).toBe(true);
    expect(areas.holds(prefecture('神奈川県'), mobile)).toBe(true);
    expect(areas.holds(chargeArea('相模原'), mobile)).toBe(false);
    expect(areas.holds(prefecture('東京都'), mobile)).toBe(false);
  });

  it('places a caller of unknown prefecture in Japan only [A-32]', () => {
    const nowhere = { chargeArea: null, prefecture: null };
    expect(areas.holds(all, nowhere)).toBe(true);
    for (const name of areas.regions) expect(areas.holds(region(name), nowhere), name).toBe(false);
  });
});
